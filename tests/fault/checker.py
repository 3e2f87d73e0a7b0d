"""Compares what clients saw with what the system holds after it healed. Pure.

The rules: every acknowledged task exists; every existing task was asked for, exists once and wholly, whatever its
client was told; each has one workflow, one event, and each effect exactly once; nothing belongs to a task that does
not exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.fault.history import Creation, Outcome


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A row of the task database. `history` counts the rows that its creation wrote."""

    task_id: str
    title: str
    due_at: datetime
    history: int


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing done for a task: an inbox record or a mail. `identity` tells a repetition from a double."""

    task_id: str
    category: str
    recipient: str
    identity: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """The state after the heal, read from the stores themselves.

    `workflows`: executions per task id. `created_events`: ids of the `task.created` records per task id (a relay may
    send one id twice). `seen_live`: task ids that a subscriber was told of. `unsent`: rows left in the outbox. `lags`:
    records not yet consumed, by group.
    """

    tasks: list[StoredTask]
    workflows: Mapping[str, int]
    created_events: Mapping[str, list[str]]
    inbox: list[Effect]
    mails: list[Effect]
    seen_live: frozenset[str]
    unsent: int = 0
    lags: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """Which effects each task must have: (category, recipient) in the inbox and by mail."""

    inbox: frozenset[tuple[str, str]]
    mails: frozenset[tuple[str, str]]
    escalation: str = "sla.escalation"


def check(history: Iterable[Creation], observed: Observed, expected: Expected) -> list[str]:
    """Violations in words, empty when nothing was lost, doubled or half-done."""
    creations = {creation.title: creation for creation in history}
    return [
        *_existence(creations, observed),
        *_wholeness(observed),
        *_effects("inbox record", observed.tasks, observed.inbox, expected.inbox),
        *_effects("mail", observed.tasks, observed.mails, expected.mails),
        *_deadlines(observed, expected),
        *([f"{observed.unsent} events were never sent"] if observed.unsent else []),
        *(f"{group} still lags by {lag}" for group, lag in sorted(observed.lags.items()) if lag),
    ]


def _existence(creations: Mapping[str, Creation], observed: Observed) -> Iterator[str]:
    titles = Counter(task.title for task in observed.tasks)
    ids = {task.task_id for task in observed.tasks}
    for title, creation in creations.items():
        if creation.outcome is Outcome.OK and creation.task_id not in ids:
            yield f"{title}: acknowledged as {creation.task_id} and lost"
        if creation.outcome is Outcome.OK and creation.task_id not in observed.seen_live:
            yield f"{title}: acknowledged and never seen live"
        if creation.outcome is Outcome.FAIL and titles[title]:
            yield f"{title}: refused and there all the same"
    for title, count in titles.items():
        if title not in creations:
            yield f"{title}: exists and nobody asked for it"
        if count > 1:
            yield f"{title}: exists {count} times"


def _wholeness(observed: Observed) -> Iterator[str]:
    known = {task.task_id for task in observed.tasks}
    for task in observed.tasks:
        for what, count in (
            ("history rows", task.history),
            ("workflows", observed.workflows.get(task.task_id, 0)),
            ("task.created events", len(set(observed.created_events.get(task.task_id, [])))),
        ):
            if count != 1:
                yield f"{task.title}: {count} {what} instead of 1"
    for what, owners in (("workflow", observed.workflows), ("event", observed.created_events)):
        for orphan in sorted(owners.keys() - known):
            yield f"{what} of task {orphan}, which does not exist"


def _effects(
    what: str, tasks: Iterable[StoredTask], effects: Iterable[Effect], expected: frozenset[tuple[str, str]]
) -> Iterator[str]:
    found: Counter[tuple[str, str, str]] = Counter()
    for task_id, category, recipient, _ in {(e.task_id, e.category, e.recipient, e.identity) for e in effects}:
        found[task_id, category, recipient] += 1
    for task in tasks:
        for category, recipient in sorted(expected):
            count = found.pop((task.task_id, category, recipient), 0)
            if count != 1:
                yield f"{task.title}: {count} {what}s {category} for {recipient} instead of 1"
    for (task_id, category, recipient), count in sorted(found.items()):
        yield f"{count} {what}s {category} for {recipient} on task {task_id} that nobody expects"


def _deadlines(observed: Observed, expected: Expected) -> Iterator[str]:
    due = {task.task_id: task for task in observed.tasks}
    for effect in observed.inbox:
        task = due.get(effect.task_id)
        if task and effect.category == expected.escalation and effect.at < task.due_at:
            yield f"{task.title}: escalated {task.due_at - effect.at} before its deadline"
