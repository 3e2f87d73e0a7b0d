"""Runs the deferred parts of a plan, each when the part around it has been answered, and hands on what is ready.

Invariant: a part is delivered after the part that it lies in; its errors are its own, and a null that may not be stops
at the part's object.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.executor.errors import ClientPath, ErrorDict, ErrorLog
from gateway.executor.places import Place, PlaceFinder, PlacesOfParts, is_shown, shows
from gateway.executor.run import Batch, Increment, Outcome
from gateway.planner.nodes import Defer, Deferred, PlanNode, Projection, QueryPlan

JsonObject = dict[str, Any]


class Section(Protocol):
    """A part of a run under way, whichever executor runs it: works on the data of the whole, has errors of its own."""

    @property
    def data(self) -> JsonObject:
        """The merged data of the whole run."""

    @property
    def errors(self) -> ErrorLog:
        """The section's errors."""

    async def node(self, node: PlanNode | None) -> None:
        """Runs a node of the plan."""

    def project(self, projection: Projection, source: JsonObject, path: ClientPath) -> JsonObject | None:
        """What the client is shown of an object; None where a null bubbled up to it."""

    def section(self) -> Section:
        """One for what follows this one."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """A part that has been run: what it brings, and what those that lie in it need."""

    part: Deferred
    increments: list[Increment]
    places: PlacesOfParts
    section: Section


async def deliver(plan: QueryPlan, run: Section, finder: PlaceFinder) -> AsyncGenerator[Outcome | Batch, None]:
    """The first answer, then batches until nothing is left. Closing the generator gives up what is under way."""
    primary, deferred = (plan.root.primary, plan.root.deferred) if isinstance(plan.root, Defer) else (plan.root, ())
    await run.node(primary)
    data = run.project(plan.projection, run.data, ())
    delivery = _Delivery(deferred, finder)
    places: PlacesOfParts = {}
    finder.find(Place((), run.data, plan.projection), data, places)
    try:
        delivery.start("", places, run)
        errors = _told_at_once(run.errors, data)
        yield Outcome(data, errors, has_next=delivery.has_next)
        while delivery.has_next:
            yield await delivery.batch()
    finally:
        await delivery.give_up()


class _Delivery:
    def __init__(self, parts: Iterable[Deferred], finder: PlaceFinder) -> None:
        self._finder = finder
        self._inside: dict[str, list[Deferred]] = {}
        for part in parts:
            self._inside.setdefault(part.parent, []).append(part)
        self._running: list[asyncio.Task[_Answered]] = []

    @property
    def has_next(self) -> bool:
        return bool(self._running)

    def start(self, parent: str, places: Mapping[str, Mapping[ClientPath, Place]], section: Section) -> None:
        """Starts the parts that lie in one that was answered, where it has a place for them."""
        for part in self._inside.get(parent, ()):
            if part.id in places:
                run = self._run(part, list(places[part.id].values()), section.section())
                self._running.append(asyncio.get_running_loop().create_task(run))

    async def batch(self) -> Batch:
        """The parts that are ready next."""
        await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        ready = [task for task in self._running if task.done()]
        self._running = [task for task in self._running if not task.done()]
        increments: list[Increment] = []
        for task in ready:
            answered = task.result()
            increments += answered.increments
            self.start(answered.part.id, answered.places, answered.section)
        return Batch(increments, self.has_next)

    async def give_up(self) -> None:
        """Cancels what is under way and waits for its end."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, part: Deferred, places: list[Place], section: Section) -> _Answered:
        await section.node(part.node)
        found: PlacesOfParts = {}
        answers: list[tuple[Place, JsonObject | None]] = []
        for place in places:
            data = section.project(place.projection, place.source, place.path)
            self._finder.find(place, data, found)
            answers.append((place, data))
        own = _errors_of(answers, section.errors)
        increments = [
            Increment(place.path, part.label, data, errors) for (place, data), errors in zip(answers, own, strict=True)
        ]
        return _Answered(part, increments, found, section)


def _told_at_once(log: ErrorLog, data: Any) -> list[ErrorDict]:
    """The errors that the first answer shows; those of fields that come later are held back for their part."""
    now: list[ErrorDict] = []
    for error in log.entries:
        (now if is_shown(data, error.get("path") or ()) else log.held).append(error)
    return now


def _errors_of(answers: list[tuple[Place, JsonObject | None]], log: ErrorLog) -> list[list[ErrorDict]]:
    """The errors for each object of a part: those at its fields, and those that speak of no single object. What belongs
    to a part inside this one is held back for it.
    """
    own: list[list[ErrorDict]] = [[] for _ in answers]
    by_path = {place.path: at for at, (place, _) in enumerate(answers)}
    for error in log.held_before():
        at = _object_of(error, by_path)
        if at is not None and _is_told_by(error, *answers[at]):
            own[at].append(error)
    for error in log.entries:
        at, path = _object_of(error, by_path), _path(error)
        if at is None:
            for errors, (place, _) in zip(own, answers, strict=True):
                if place.path[: len(path)] == path:
                    errors.append(error)
        elif is_shown(answers[at][1], path[len(answers[at][0].path) :]):
            own[at].append(error)
        else:
            log.held.append(error)
    for errors, (place, data) in zip(own, answers, strict=True):
        if data is None and not errors:
            errors += log.explanations(place.path)
    return own


def _object_of(error: ErrorDict, by_path: Mapping[ClientPath, int]) -> int | None:
    """Which object an error lies in."""
    path = _path(error)
    return next((by_path[path[:length]] for length in range(len(path) + 1) if path[:length] in by_path), None)


def _is_told_by(error: ErrorDict, place: Place, data: JsonObject | None) -> bool:
    """Whether an error that was held back is at a field of the object as the part shows it."""
    rest = _path(error)[len(place.path) :]
    return shows(place.projection, rest) if data is None else is_shown(data, rest)


def _path(error: ErrorDict) -> ClientPath:
    return tuple(error.get("path") or ())
