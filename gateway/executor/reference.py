"""The reference executor: interprets the plan node by node, as plainly as it can be said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

from gateway.executor.contexts import Call, contextual_calls, request_text
from gateway.executor.delivery import deliver
from gateway.executor.errors import ClientPath, ErrorLog
from gateway.executor.exchange import Decoded, body_prefix, decode, encode_body, entity_list, failed
from gateway.executor.faults import FaultMapper
from gateway.executor.merge import merge_into
from gateway.executor.places import PlaceFinder
from gateway.executor.ports import SubgraphCall, SubgraphClient, SubgraphFailure
from gateway.executor.projection import Projector
from gateway.executor.representations import Collected, collect, objects_at
from gateway.executor.run import Batch, Outcome, Request
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
)

JsonObject = dict[str, Any]


async def execute(plan: QueryPlan, request: Request, client: SubgraphClient) -> Outcome:
    """Runs a plan without deferred parts."""
    run = Run(plan.projection, request, client)
    await run.node(plan.root)
    return Outcome(run.project(plan.projection, run.data, ()), run.errors.entries)


def execute_in_parts(
    plan: QueryPlan, request: Request, client: SubgraphClient
) -> AsyncGenerator[Outcome | Batch, None]:
    """Runs a plan with deferred parts."""
    run = Run(plan.projection, request, client)
    return deliver(plan, run, PlaceFinder(request.coerced, {}))


class Run:
    """The state of one execution: merged data and errors. `errors` continue those of what was answered before."""

    def __init__(
        self, projection: Projection, request: Request, client: SubgraphClient, errors: ErrorLog | None = None
    ) -> None:
        self.data = request.data
        self.errors = ErrorLog(request.errors) if errors is None else errors
        self._projection = projection
        self._request = request
        self._client = client
        self._faults = FaultMapper(projection, self.data, self.errors)

    def section(self) -> Run:
        return Run(self._projection, self._request, self._client, ErrorLog(around=self.errors))

    def project(self, projection: Projection, source: JsonObject, path: ClientPath) -> JsonObject | None:
        return Projector(self._request.coerced, self.errors).project(projection, source, path)

    async def node(self, node: PlanNode | None) -> None:
        match node:
            case None:
                return
            case Fetch():
                await self._fetch(node)
            case Sequence(nodes):
                for child in nodes:
                    await self.node(child)
            case Parallel(nodes):
                await self._parallel(nodes)
            case Condition(variable, if_true, if_false):
                await self.node(if_true if self._request.coerced.get(variable) else if_false)
            case Subscription(_, rest):
                await self.node(rest)
            case Defer():
                raise ValueError("A plan with deferred parts has to be delivered in parts.")

    async def _parallel(self, nodes: tuple[PlanNode, ...]) -> None:
        async with asyncio.TaskGroup() as group:
            for child in nodes:
                group.create_task(self.node(child))

    async def _fetch(self, fetch: Fetch) -> None:
        if fetch.entries:
            await self._fetch_entities(fetch)
            return
        targets = list(objects_at(self.data, fetch.path))
        if not targets:
            return
        decoded = await self._exchange(fetch, {})
        if decoded.data is not None:
            merge_into(targets, decoded.data)
        if decoded.complaint is not None:
            self._faults.root_failed(decoded.complaint, fetch.path)
        self._faults.root(fetch.service, decoded.errors, fetch.path)

    async def _fetch_entities(self, fetch: Fetch) -> None:
        calls = [call for entry in fetch.entries for call in self._calls(entry)]
        if not any(call.collected.representations for call in calls):
            return
        asking = replace(fetch, document=request_text(fetch, calls))
        variables = {name: value for call in calls for name, value in call.variables().items()}
        decoded = await self._exchange(asking, variables)
        if decoded.data is not None:
            for call in calls:
                self._merge_entities(fetch, call.entry, call.collected, decoded.data)
        asked = [(call.entry, call.collected.targets) for call in calls if call.collected.targets]
        if decoded.complaint is not None:
            self._faults.affecting(decoded.complaint, [entry for entry, _ in asked])
        self._faults.entities(fetch.service, asked, decoded.errors)

    def _calls(self, entry: EntityEntry) -> list[Call]:
        coerced = self._request.coerced
        skipped = any(bool(coerced.get(name)) is value for name, value in entry.skip_if)
        if entry.contexts:
            return [] if skipped else contextual_calls(entry, self.data)
        return [Call(entry, Collected() if skipped else collect(entry, self.data))]

    def _merge_entities(self, fetch: Fetch, entry: EntityEntry, collected: Collected, data: JsonObject) -> None:
        entities = entity_list(fetch.service, data, entry.alias, len(collected.targets))
        if isinstance(entities, dict):
            self._faults.affecting(entities, [entry])
            return
        for entity, targets in zip(entities, collected.targets, strict=True):
            if isinstance(entity, dict):
                merge_into(targets, entity)

    async def _exchange(self, fetch: Fetch, own: dict[str, Any]) -> Decoded:
        sent = self._request.variables
        variables = {name: sent[name] for name in fetch.variables if name in sent} | own
        call = SubgraphCall(
            fetch.service,
            fetch.kind,
            encode_body(body_prefix(fetch), variables),
            self._request.caller,
            self._request.deadline,
        )
        try:
            reply = await self._client.send(call)
        except SubgraphFailure as failure:
            return failed(fetch.service, failure)
        return decode(fetch.service, reply)
