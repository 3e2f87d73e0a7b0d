"""Preparing a document once, and remembering within bounds."""

from __future__ import annotations

import pytest
from graphql import DocumentNode, build_schema

from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.limits import Limits
from gateway.pipeline.prepare import PrepareOptions, Preparer
from gateway.planner.errors import TooComplex
from gateway.planner.nodes import OperationKind, Projection, QueryPlan

SCHEMA = build_schema("type Query { a: Int b(x: Int): Int } type Mutation { m: Int }")


class CountingPlanner:
    """Plans nothing, and counts."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.calls: list[tuple[str | None, frozenset[str]]] = []
        self._failure = failure

    def __call__(
        self, document: DocumentNode, name: str | None, labels: frozenset[str], deferring: frozenset[str] | None
    ) -> QueryPlan:
        self.calls.append((name, labels))
        if self._failure:
            raise self._failure
        return QueryPlan(OperationKind.QUERY, None, Projection((), "Query"))


def test_the_same_document_is_planned_once() -> None:
    plan = CountingPlanner()
    preparer = Preparer(SCHEMA, plan, PrepareOptions())
    first = preparer.prepare("query A { a } query B { b }", "A")
    assert preparer.prepare("query A { a } query B { b }", "A") is first
    assert first.root_fields == {"a"}
    preparer.prepare("query A { a } query B { b }", "B")
    preparer.prepare("query A { a } query B { b }", "A", frozenset({"label"}))
    assert plan.calls == [("A", frozenset()), ("B", frozenset()), ("A", frozenset({"label"}))]


@pytest.mark.parametrize("options", [PrepareOptions(memory_entries=2), PrepareOptions(memory_characters=12)])
def test_the_least_recently_used_is_forgotten_first(options: PrepareOptions) -> None:
    plan = CountingPlanner()
    preparer = Preparer(SCHEMA, plan, options)
    for text in ("{ a }", "{a a}", "{ a }", "{a:a}", "{ a }"):
        preparer.prepare(text, None)
    assert len(plan.calls) == 3
    preparer.prepare("{a a}", None)
    assert len(plan.calls) == 4


def test_a_plan_that_cannot_be_made_is_a_coded_refusal_and_not_remembered() -> None:
    plan = CountingPlanner(TooComplex(5))
    preparer = Preparer(SCHEMA, plan, PrepareOptions())
    for _ in range(2):
        with pytest.raises(RequestRefused) as refused:
            preparer.prepare("{ a }", None)
        assert refused.value.errors[0]["extensions"]["code"] == "QUERY_PLAN_TOO_COMPLEX"
    assert len(plan.calls) == 2


def test_a_fault_of_the_planner_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Preparer(SCHEMA, CountingPlanner(ZeroDivisionError()), PrepareOptions()).prepare("{ a }", None)


def test_many_equal_fields_are_validated_in_bounded_time() -> None:
    text = "{" + " a" * 14_000 + "}"
    with pytest.raises(RequestRefused):
        Preparer(SCHEMA, CountingPlanner(), PrepareOptions(limits=Limits(root_fields=100))).prepare(text, None)
