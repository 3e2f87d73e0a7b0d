"""What cannot be planned ends in a coded error; what can is planned within bounds, the same every time."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planner.errors import NoPath, PlanningFailed, TooComplex, UnknownOperation
from gateway.planner.nodes import Subscription, fetches_of
from gateway.planner.plan import Planner, plan
from gateway.supergraph.parse import parse_supergraph
from tests.testkit.synthetic_graphs import (
    JOIN_HEADER,
    graph_enum,
    hard_query,
    hard_supergraph,
)

SMALL = parse_supergraph(
    JOIN_HEADER
    + graph_enum(["A", "B"])
    + """
type Query @join__type(graph: A) @join__type(graph: B) { a: Thing @join__field(graph: A) b: Int @join__field(graph: B) }
type Thing @join__type(graph: A) @join__type(graph: B) {
  here: Int @join__field(graph: A)
  elsewhere: Int @join__field(graph: B)
}
"""
)


def test_a_field_that_no_call_reaches_is_named() -> None:
    with pytest.raises(NoPath, match="elsewhere"):
        plan(SMALL, parse("{ a { here elsewhere } }"))


@pytest.mark.parametrize(
    ("document", "name"),
    [("{ b }", "Other"), ("query A { b } query B { b }", None), ("fragment F on Query { b }", None)],
)
def test_an_operation_that_is_not_there_is_a_coded_error(document: str, name: str | None) -> None:
    with pytest.raises(UnknownOperation):
        plan(SMALL, parse(document), name)


def test_a_kind_of_operation_without_a_root_type_is_a_coded_error() -> None:
    with pytest.raises(PlanningFailed) as refused:
        plan(SMALL, parse("mutation { b }"))
    assert refused.value.code == "OPERATION_RESOLUTION_FAILURE"


def test_a_conditional_subscription_is_still_a_subscription() -> None:
    supergraph = parse_supergraph(
        JOIN_HEADER.replace("{ query: Query }", "{ query: Query subscription: Subscription }")
        + graph_enum(["A"])
        + "type Query @join__type(graph: A) { a: Int } type Subscription @join__type(graph: A) { changed: Int }"
    )
    found = plan(supergraph, parse("subscription ($on: Boolean!) { changed @include(if: $on) }"))
    assert isinstance(found.root, Subscription)


def test_the_named_operation_is_planned() -> None:
    found = plan(SMALL, parse("query A { b } query B { a { here } }"), "B")
    assert [fetch.service for fetch in fetches_of(found.root)] == ["a"]


def test_fragments_that_multiply_end_with_a_coded_error() -> None:
    doubling = " ".join(f"fragment F{at} on Query {{ ...F{at + 1} ...F{at + 1} }}" for at in range(20))
    with pytest.raises(PlanningFailed) as refused:
        plan(SMALL, parse(f"{{ ...F0 }} {doubling} fragment F20 on Query {{ b }}"))
    assert refused.value.code == "OPERATION_TOO_LARGE"


def test_a_search_without_end_is_ended() -> None:
    with pytest.raises(TooComplex):
        Planner(parse_supergraph(hard_supergraph()), budget=500).plan(parse(hard_query(seed=1)))
