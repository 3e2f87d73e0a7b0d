"""A plan gives the same answer on its first run and on all later ones."""

from __future__ import annotations

import orjson

from gateway.executor.run import Request
from gateway.executor.runner import Runner
from tests.unit.gateway.executor.generated_plans import draw_case
from tests.unit.gateway.executor.scripted_subgraphs import Nobody, ScriptedClient


async def test_first_and_later_runs_answer_alike() -> None:
    for seed in range(20):
        case = draw_case(seed, odd=0.02)
        runner, client = Runner(case.plan), ScriptedClient(case.answer)
        answers = []
        for _ in range(3):
            outcome = await runner.execute(Request(case.variables, case.variables, Nobody(), 10.0), client)
            answers.append(orjson.dumps({"data": outcome.data, "errors": outcome.errors}))
        assert answers[0] == answers[1] == answers[2]
        assert len(client.calls) % 3 == 0
