"""What queries in flight share, seen through the engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.executor.ports import SubgraphCall, SubgraphReply
from gateway.pipeline.engine import OperationRequest
from tests.unit.gateway.executor.scripted_subgraphs import Nobody
from tests.unit.gateway.server.served import Ticks, engine


class SlowSubgraph:
    """Holds every query until told; mutations pass."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.calls = 0

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        self.calls += 1
        return asyncio.ensure_future(self._reply(call))

    async def _reply(self, call: SubgraphCall) -> SubgraphReply:
        if b"mutation" not in call.body:
            await self.gate.wait()
        return SubgraphReply(200, b'{"data":{"hello":"x","shout":"x"}}')


def ask(query: str = "{ hello }", **more: Any) -> OperationRequest:
    return OperationRequest(query=query, caller=Nobody(), **more)


async def test_equal_queries_in_flight_share_a_run() -> None:
    subgraph = SlowSubgraph()
    graph = engine(subgraph, Ticks())
    runs = [asyncio.create_task(graph.execute(ask())) for _ in range(3)]
    runs.append(asyncio.create_task(graph.execute(ask("query($n: String) { hello(name: $n) }", variables={"n": "a"}))))
    runs.append(asyncio.create_task(graph.execute(ask("query($n: String) { hello(name: $n) }", variables={"n": "b"}))))
    await asyncio.wait(runs, timeout=0.05)
    subgraph.gate.set()
    answers = await asyncio.gather(*runs)
    assert subgraph.calls == 3
    assert answers[0] is answers[1] is answers[2]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_query_after_a_mutation_does_not_share_one_from_before(streamed: bool) -> None:
    subgraph = SlowSubgraph()
    graph = engine(subgraph, Ticks())
    before = asyncio.create_task(graph.execute(ask()))
    await asyncio.wait([before], timeout=0.05)
    mutation = ask('mutation { shout(text: "x") }')
    if streamed:
        _ = [answer async for answer in graph.stream(mutation, asyncio.Event())]
    else:
        await graph.execute(mutation)
    after = asyncio.create_task(graph.execute(ask()))
    await asyncio.wait([after], timeout=0.05)
    subgraph.gate.set()
    await asyncio.gather(before, after)
    assert subgraph.calls == 3
