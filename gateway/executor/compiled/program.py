"""A compiled plan: what is constant is computed once, each request runs generated collectors and projectors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gateway.executor.compiled.collectors import Collector, compile_collector
from gateway.executor.compiled.projectors import FastProjector, compile_projector, condition_variables
from gateway.executor.compiled.sharing import Sharing
from gateway.executor.compiled.source import Surprise
from gateway.executor.contexts import Call, contextual_calls, request_text
from gateway.executor.delivery import deliver
from gateway.executor.errors import ClientPath, ErrorLog
from gateway.executor.exchange import Decoded, body_prefix, decode, encode_body, entity_list, failed
from gateway.executor.faults import FaultMapper
from gateway.executor.merge import copy_value, merge_into, merge_object
from gateway.executor.places import PlaceFinder, Trails
from gateway.executor.ports import SubgraphCall, SubgraphClient, SubgraphFailure, SubgraphReply
from gateway.executor.projection import Projector
from gateway.executor.representations import Collected, objects_at
from gateway.executor.run import Batch, Outcome, Request
from gateway.executor.whole_reply import data_of
from gateway.planner.nodes import (
    Condition,
    Defer,
    EntityEntry,
    Fetch,
    Parallel,
    PlanNode,
    Projection,
    QueryPlan,
    Sequence,
    Subscription,
    fetches_of,
)

JsonObject = dict[str, Any]
Reply = asyncio.Future[SubgraphReply]

MAX_PROJECTORS = 64  # settings of the condition variables for which a projector is kept; then the reference does it


@dataclass(frozen=True, slots=True)
class EntryProgram:
    entry: EntityEntry
    collector: Collector
    alike: int  # the same for entries that collect the same objects in the same form
    must_copy: bool
    overlaps: bool


@dataclass(frozen=True, slots=True)
class FetchProgram:
    """A fetch. `contextual`: what is asked depends on the data, so the calls are made out at run time."""

    fetch: Fetch
    prefix: bytes
    entries: tuple[EntryProgram, ...]
    contextual: bool = False


@dataclass(slots=True)
class Pending:
    """A call on the wire and what it was made of."""

    program: FetchProgram
    reply: Reply
    collected: tuple[Collected, ...]
    roots: list[JsonObject]


class Program:
    """One plan, ready to run any number of times.

    `pass_replies`: a reply that the plan keeps whole is handed on unread, for subgraphs that are trusted to keep to
    their schemas.
    """

    def __init__(self, plan: QueryPlan, *, pass_replies: bool = False) -> None:
        self.plan = plan
        self._passed = plan.root if pass_replies and plan.keeps_reply and isinstance(plan.root, Fetch) else None
        compiler = _Compiler(Sharing(plan.root))
        self._fetches = {id(fetch): compiler.fetch(fetch) for fetch in fetches_of(plan.root)}
        self._projectors: dict[int, _Projectors] = {}
        self._trails: Trails = {}

    async def execute(self, request: Request, client: SubgraphClient) -> Outcome:
        run = Run(self, request, client)
        if self._passed is None:
            await run.node(self.plan.root)
        elif (data := await run.passed(self._passed)) is not None:
            return Outcome(orjson.Fragment(data), [])
        return Outcome(run.project(self.plan.projection, run.data, ()), run.errors.entries)

    def execute_in_parts(self, request: Request, client: SubgraphClient) -> AsyncGenerator[Outcome | Batch, None]:
        """For a plan with deferred parts."""
        return deliver(self.plan, Run(self, request, client), PlaceFinder(request.coerced, self._trails))

    def fetch_program(self, fetch: Fetch) -> FetchProgram:
        return self._fetches[id(fetch)]

    def projector(self, projection: Projection, coerced: Any) -> FastProjector | None:
        """The projector of one of the plan's projections for these variables."""
        projectors = self._projectors.get(id(projection))
        if projectors is None:
            projectors = self._projectors[id(projection)] = _Projectors(projection)
        return projectors.of(coerced)


class _Projectors:
    """The projectors of one projection, one for each setting of the condition variables."""

    __slots__ = ("_compiled", "_conditions", "_projection")

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._conditions = condition_variables(projection)
        self._compiled: dict[tuple[bool, ...], FastProjector] = {}

    def of(self, coerced: Any) -> FastProjector | None:
        """None when there are too many settings to keep a projector for each."""
        setting = tuple(bool(coerced.get(name)) for name in self._conditions)
        projector = self._compiled.get(setting)
        if projector is None and len(self._compiled) < MAX_PROJECTORS:
            held = dict(zip(self._conditions, setting, strict=True))
            projector = self._compiled[setting] = compile_projector(self._projection, held)
        return projector


def compile_plan(plan: QueryPlan, *, pass_replies: bool = False) -> Program:
    return Program(plan, pass_replies=pass_replies)


class _Compiler:
    """Compiles the fetches of one plan; entries that collect alike share a collector."""

    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing
        self._collectors: dict[tuple[Any, ...], tuple[int, Collector]] = {}

    def fetch(self, fetch: Fetch) -> FetchProgram:
        entries = tuple(self._entry(entry) for entry in fetch.entries)
        return FetchProgram(fetch, body_prefix(fetch), entries, any(entry.contexts for entry in fetch.entries))

    def _entry(self, entry: EntityEntry) -> EntryProgram:
        form = (entry.paths, entry.representations)
        if form not in self._collectors:
            self._collectors[form] = (len(self._collectors), compile_collector(entry))
        alike, collector = self._collectors[form]
        return EntryProgram(entry, collector, alike, self._sharing.must_copy(entry), self._sharing.overlaps(entry))


class Run:
    """The state of one execution. `errors` continue those of what was answered before."""

    __slots__ = ("_client", "_program", "_request", "data", "errors")

    def __init__(
        self, program: Program, request: Request, client: SubgraphClient, errors: ErrorLog | None = None
    ) -> None:
        self._program = program
        self._request = request
        self._client = client
        self.data = request.data
        self.errors = ErrorLog(request.errors) if errors is None else errors

    def section(self) -> Run:
        return Run(self._program, self._request, self._client, ErrorLog(around=self.errors))

    def project(self, projection: Projection, source: JsonObject, path: ClientPath) -> JsonObject | None:
        coerced = self._request.coerced
        projector = self._program.projector(projection, coerced)
        if projector is not None:
            try:
                return projector(source)
            except (Surprise, AttributeError, TypeError, KeyError):
                pass  # the reference finds out what is wrong and where
        return Projector(coerced, self.errors).project(projection, source, path)

    @property
    def _projection(self) -> Projection:
        return self._program.plan.projection

    async def node(self, node: PlanNode | None) -> None:
        match node:
            case Fetch():
                await self._wave((node,))
            case Parallel(nodes) if all(isinstance(child, Fetch) for child in nodes):
                await self._wave(nodes)
            case Sequence(nodes):
                for child in nodes:
                    await self.node(child)
            case Parallel(nodes):
                async with asyncio.TaskGroup() as group:
                    for child in nodes:
                        group.create_task(self.node(child))
            case Condition(variable, if_true, if_false):
                await self.node(if_true if self._request.coerced.get(variable) else if_false)
            case Subscription(_, rest):
                await self.node(rest)
            case Defer():
                raise ValueError("A plan with deferred parts has to be delivered in parts.")
            case None:
                return

    async def _wave(self, fetches: tuple[PlanNode, ...]) -> None:
        """Puts all calls on the wire, then merges the replies in the plan's order."""
        known: dict[int, Collected] = {}  # nothing is merged while the wave is started
        started = [self._start(self._program.fetch_program(f), known) for f in fetches if isinstance(f, Fetch)]
        pending = [call for call in started if call is not None]
        try:
            for call in pending:
                self._finish(call, await self._reply(call))
        except BaseException:
            for call in pending:
                call.reply.cancel()
            raise

    async def passed(self, fetch: Fetch) -> bytes | None:
        """The data of the call's reply as they came; None if it had to be read, and then it has been merged."""
        call = self._start(self._program.fetch_program(fetch), {})
        if call is None:
            return None
        try:
            reply = await call.reply
        except SubgraphFailure as failure:
            self._finish(call, failed(fetch.service, failure))
            return None
        data = data_of(reply)
        if data is None:
            self._finish(call, decode(fetch.service, reply))
        return data

    def _start(self, program: FetchProgram, known: dict[int, Collected]) -> Pending | None:
        """Starts the call, or None where there is nothing to ask for."""
        fetch = program.fetch
        sent = self._request.variables
        variables = {name: sent[name] for name in fetch.variables if name in sent}
        collected: tuple[Collected, ...] = ()
        roots: list[JsonObject] = []
        if program.contextual:
            return self._start_contextual(program, variables, known)
        if program.entries:
            collected = tuple(self._collect(entry, known) for entry in program.entries)
            if not any(found.representations for found in collected):
                return None
            for entry, found in zip(program.entries, collected, strict=True):
                variables[entry.entry.variable] = found.representations
        else:
            roots = list(objects_at(self.data, fetch.path))
            if not roots:
                return None
        return Pending(program, self._send(program, variables), collected, roots)

    def _start_contextual(
        self, program: FetchProgram, variables: JsonObject, known: dict[int, Collected]
    ) -> Pending | None:
        """Starts a call of which each entry is asked once for every combination of values from above."""
        made = [(entry, call) for entry in program.entries for call in self._calls(entry, known)]
        calls = [call for _, call in made]
        if not any(call.collected.representations for call in calls):
            return None
        for call in calls:
            variables |= call.variables()
        fetch = replace(program.fetch, document=request_text(program.fetch, calls))
        entries = tuple(replace(entry, entry=call.entry) for entry, call in made)
        asking = FetchProgram(fetch, body_prefix(fetch), entries)
        return Pending(asking, self._send(asking, variables), tuple(call.collected for call in calls), [])

    def _send(self, program: FetchProgram, variables: JsonObject) -> Reply:
        request, fetch = self._request, program.fetch
        body = encode_body(program.prefix, variables)
        return self._client.send(SubgraphCall(fetch.service, fetch.kind, body, request.caller, request.deadline))

    def _calls(self, program: EntryProgram, known: dict[int, Collected]) -> list[Call]:
        if not program.entry.contexts:
            return [Call(program.entry, self._collect(program, known))]
        return [] if self._is_skipped(program.entry) else contextual_calls(program.entry, self.data)

    def _is_skipped(self, entry: EntityEntry) -> bool:
        coerced = self._request.coerced
        return any(bool(coerced.get(name)) is value for name, value in entry.skip_if)

    def _collect(self, program: EntryProgram, known: dict[int, Collected]) -> Collected:
        if program.entry.skip_if and self._is_skipped(program.entry):
            return Collected()
        collected = known.get(program.alike)
        if collected is None:
            collected = known[program.alike] = program.collector(self.data)
        return collected

    async def _reply(self, call: Pending) -> Decoded:
        service = call.program.fetch.service
        try:
            return decode(service, await call.reply)
        except SubgraphFailure as failure:
            return failed(service, failure)

    def _finish(self, call: Pending, decoded: Decoded) -> None:
        program = call.program
        if not program.entries:
            self._finish_root(call, decoded)
            return
        if decoded.data is not None:
            for entry, collected in zip(program.entries, call.collected, strict=True):
                self._merge(program, entry, collected, decoded.data)
        if decoded.errors or decoded.complaint is not None:
            self._report(call, decoded)

    def _finish_root(self, call: Pending, decoded: Decoded) -> None:
        fetch, roots = call.program.fetch, call.roots
        if decoded.data is not None:
            if len(roots) == 1:
                merge_object(roots[0], decoded.data)
            else:
                merge_into(roots, decoded.data)
        if decoded.complaint is not None:
            self._faults.root_failed(decoded.complaint, fetch.path)
        if decoded.errors:
            self._faults.root(fetch.service, decoded.errors, fetch.path)

    def _merge(self, program: FetchProgram, entry: EntryProgram, collected: Collected, data: JsonObject) -> None:
        entities = entity_list(program.fetch.service, data, entry.entry.alias, len(collected.targets))
        if isinstance(entities, dict):
            self._faults.affecting(entities, [entry.entry])
            return
        for entity, targets in zip(entities, collected.targets, strict=True):
            if isinstance(entity, dict):
                for target in targets:
                    own = copy_value(entity) if entry.must_copy else entity
                    if entry.overlaps:
                        merge_object(target, own)
                    else:
                        target.update(own)

    def _report(self, call: Pending, decoded: Decoded) -> None:
        pairs = zip(call.program.entries, call.collected, strict=True)
        asked = [(entry.entry, found.targets) for entry, found in pairs if found.targets]
        if decoded.complaint is not None:
            self._faults.affecting(decoded.complaint, [entry for entry, _ in asked])
        self._faults.entities(call.program.fetch.service, asked, decoded.errors)

    @property
    def _faults(self) -> FaultMapper:
        return FaultMapper(self._projection, self.data, self.errors)
