"""Owns the two executors as a case runs them, behind one call, and the network between them and the subgraphs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from zlib import crc32

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import SubgraphCall, SubgraphClient, SubgraphReply
from gateway.executor.run import Outcome, Request
from gateway.planner.nodes import QueryPlan
from tests.differential.serving import ServedSubgraph

Execute = Callable[[QueryPlan, Request, SubgraphClient], Awaitable[Outcome]]
DELAYS = 4  # turns of the event loop that a reply takes at most


async def compiled(plan: QueryPlan, request: Request, client: SubgraphClient) -> Outcome:
    """The compiled executor on a plan of its own."""
    return await compile_plan(plan).execute(request, client)


EXECUTORS: Mapping[str, Execute] = {"reference": reference.execute, "compiled": compiled}


class Subgraphs:
    """A client without a network: replies arrive in an order of their own, equal requests are worked out once."""

    def __init__(self, served: Mapping[str, ServedSubgraph], label_active: bool) -> None:
        self._served = served
        self._label_active = label_active
        self._known: dict[tuple[str, bytes], tuple[bytes, list[str]]] = {}
        self.calls: list[str] = []
        self.exchanges: list[str] = []
        self.complaints: set[tuple[str, str]] = set()  # who said what in its errors

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[SubgraphReply] = loop.create_future()
        self._later(crc32(call.body) % DELAYS, reply, self._answer(call))
        return reply

    def _answer(self, call: SubgraphCall) -> bytes:
        key = (call.service, call.body)
        if key not in self._known:
            subgraph = self._served[call.service]
            subgraph.calls = []
            answer = subgraph.answer(json.loads(call.body), self._label_active)
            self._known[key] = json.dumps(answer).encode(), subgraph.calls
            self.complaints |= {(call.service, error["message"]) for error in answer.get("errors", ())}
        body, calls = self._known[key]
        self.calls += calls
        self.exchanges.append(f"{call.service} <- {call.body.decode()}\n{call.service} -> {body.decode()}")
        return body

    def _later(self, turns: int, reply: asyncio.Future[SubgraphReply], body: bytes) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._later, turns - 1, reply, body)
        elif not reply.done():
            reply.set_result(SubgraphReply(200, body))
