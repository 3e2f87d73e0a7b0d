"""The compiled executor answers as the reference does, on good data and on bad."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.run import Outcome, Request
from tests.unit.gateway.executor.generated_plans import Case, draw_case
from tests.unit.gateway.executor.scripted_subgraphs import Nobody, ScriptedClient


def _request(case: Case) -> Request:
    return Request(case.variables, case.variables, Nobody(), 10.0)


async def _both(case: Case) -> tuple[Outcome, Outcome, ScriptedClient, ScriptedClient]:
    plain, fast = ScriptedClient(case.answer), ScriptedClient(case.answer)
    expected = await reference.execute(case.plan, _request(case), plain)
    program = compile_plan(case.plan)
    return expected, await program.execute(_request(case), fast), plain, fast


def _text(outcome: Outcome) -> bytes:
    errors = sorted(orjson.dumps(error, option=orjson.OPT_SORT_KEYS) for error in outcome.errors)
    return orjson.dumps({"data": outcome.data}) + b"\n" + b"\n".join(errors)


@pytest.mark.parametrize("odd", [0.0, 0.02, 0.2])
@settings(max_examples=150, deadline=None)
@example(seed=1_650_364_899)  # a list where an object with no field but its type's name was asked for
@given(seed=st.integers(0, 2**32))
async def test_same_answer_and_same_calls(odd: float, seed: int) -> None:
    case = draw_case(seed, odd=odd)
    expected, actual, plain, fast = await _both(case)
    assert _text(actual) == _text(expected)
    assert fast.calls == plain.calls
