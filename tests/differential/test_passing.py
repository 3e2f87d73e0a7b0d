"""Replies handed on unread, in random graphs: what reading them gives, the order of fields included."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import orjson
import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
    parse,
)

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.run import Request
from tests.audit.running import Anonymous
from tests.differential.executors import Subgraphs
from tests.differential.graph import Graph

SEEDS = 30


def plain_queries(schema: GraphQLSchema, draw: Random) -> Iterator[str]:
    """Queries of one root field each, without anything that a gateway would have to know of."""
    assert schema.query_type is not None
    for name in schema.query_type.fields:
        selected = _field(schema.query_type, name, draw, depth=3)
        if selected is not None:
            yield f"{{ {selected} }}"


def _field(type_: GraphQLObjectType, name: str, draw: Random, depth: int) -> str | None:
    field = type_.fields[name]
    target = get_named_type(field.type)
    if any(is_required_argument(argument) for argument in field.args.values()):
        return None
    if is_leaf_type(target):
        return name
    if not is_object_type(target) or depth == 0:
        return None
    names = draw.sample(list(target.fields), min(3, len(target.fields)))
    below = [selected for each in names if (selected := _field(target, each, draw, depth - 1)) is not None]
    return f"{name} {{ {' '.join(below)} }}" if below else None


async def _passes(graph: Graph, query: str) -> bool:
    """Whether the reply may be passed on; it is then compared."""
    plan = graph.planner.plan(parse(query))
    if not plan.keeps_reply:
        return False
    client = Subgraphs(graph.served, label_active=False)
    read = await reference.execute(plan, _request(), client)
    passed = await compile_plan(plan, pass_replies=True).execute(_request(), client)
    data = orjson.loads(orjson.dumps(passed.data))
    assert data == read.data, query
    assert list(_keys(data)) == list(_keys(read.data)), query
    assert passed.errors == read.errors
    return True


def _request() -> Request:
    return Request({}, {}, Anonymous(), float("inf"))


def _keys(value: object) -> Iterator[str]:
    """Every key, in the order in which they stand."""
    if isinstance(value, list):
        for item in value:
            yield from _keys(item)
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _keys(item)


@pytest.mark.timeout(300)
async def test_what_is_passed_on_is_what_reading_it_gives() -> None:
    compared = 0
    for seed in range(SEEDS):
        graph = Graph.of(seed)
        for query in plain_queries(graph.api, Random(seed)):
            compared += await _passes(graph, query)
    assert compared > SEEDS
