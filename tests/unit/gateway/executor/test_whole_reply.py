"""Replies that are handed on unread, and those that must be read after all."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import parse

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import SubgraphFailure, SubgraphReply
from gateway.executor.run import Outcome, Request
from gateway.executor.whole_reply import data_of
from tests.testkit.composed import planner_on
from tests.unit.gateway.executor.scripted_subgraphs import Answer, Nobody, ScriptedClient

PLANNER = planner_on({"one": "type Query { me: User } type User { id: ID! name: String }"})
PLAN = PLANNER.plan(parse("{ me { id name } }"))


def request() -> Request:
    return Request({}, {}, Nobody(), 10.0)


def text(outcome: Outcome) -> Any:
    return orjson.loads(orjson.dumps([outcome.data, outcome.errors]))


async def both(reply: Answer) -> tuple[Outcome, Outcome]:
    """The outcome as it is passed on, and as it is read."""
    program = compile_plan(PLAN, pass_replies=True)
    passed = await program.execute(request(), ScriptedClient(lambda *_: reply))
    return passed, await reference.execute(PLAN, request(), ScriptedClient(lambda *_: reply))


@pytest.mark.parametrize(
    "body", [b'{"data":{"me":{"id":"1","name":null}}}', b' {\n "data" : { "me": { "id": "1", "name": "x" } } \n}\r\n ']
)
async def test_data_are_passed_on_byte_by_byte(body: bytes) -> None:
    passed, read = await both(body)
    assert isinstance(passed.data, orjson.Fragment)
    assert text(passed) == text(read)


@pytest.mark.parametrize(
    "reply",
    [
        {"data": {"me": None}, "errors": [{"message": "lost", "path": ["me"]}]},
        {"errors": [{"message": "lost"}]},
        {"data": {"me": {"id": "1", "name": "a"}}, "extensions": {"cost": 1}},
        {"data": None},
        {"data": {"me": {"id": "1", "name": '"errors"'}}, "errors": []},
        SubgraphReply(500, b'{"data":{"me":{"id":"1","name":"a"}}}'),
        SubgraphFailure("SUBGRAPH_DOWN", "no answer"),
        b'{"data":{"me":{"id":"1","name":"a"}}',
        b"oops",
        b"",
    ],
)
async def test_what_may_be_more_than_data_is_read(reply: Answer) -> None:
    passed, read = await both(reply)
    assert not isinstance(passed.data, orjson.Fragment)
    assert text(passed) == text(read)


async def test_nothing_is_passed_on_unread_unless_it_is_wanted() -> None:
    program = compile_plan(PLAN)
    outcome = await program.execute(request(), ScriptedClient(lambda *_: b'{"data":{"me":{"id":"1","name":"a"}}}'))
    assert outcome.data == {"me": {"id": "1", "name": "a"}}


def test_the_data_are_all_between_the_outer_braces() -> None:
    assert data_of(SubgraphReply(200, b'{"data":{"a":{"b":[{}]}}}')) == b'{"a":{"b":[{}]}}'
    assert data_of(SubgraphReply(200, b'{"data":{}}')) == b"{}"
