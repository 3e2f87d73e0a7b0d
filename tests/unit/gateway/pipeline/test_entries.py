"""Lists within lists multiply, whoever spells them; an operation that asks for too many is refused before it runs."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.entries import check_entries

SCHEMA = build_schema("""
type Query { project: Project }
type Project { name: String tasks(first: Int, after: String): Tasks! labels: [Label!]! }
type Tasks { nodes: [Task!]! edges: [Edge!]! }
type Edge { node: Task! }
type Task { id: ID! project: Project! blockedBy: [Task!]! }
type Label { id: ID! }
""")


def entries(text: str) -> int:
    """How many the operation is found to ask for."""
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    with pytest.raises(RequestRefused) as refused:
        check_entries(SCHEMA, document, operation, -1)
    (error,) = refused.value.errors
    assert error["extensions"]["code"] == "MAX_ENTRIES_EXCEEDED"
    return int(error["message"].split("up to ")[1].split()[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ project { name } }", 0),
        ("{ project { tasks(first: 20) { nodes { id } } } }", 20),
        ("{ project { tasks(first: 20) { edges { node { id } } } } }", 20),
        ("{ project { tasks { nodes { id } } } }", 50),
        ("query ($n: Int) { project { tasks(first: $n) { nodes { id } } } }", 100),
        ("{ project { labels { id } } }", 10),
        ("{ project { tasks(first: 20) { nodes { blockedBy { id } } } } }", 220),
        ("{ project { tasks(first: 100) { nodes { project { tasks(first: 100) { nodes { id } } } } } } }", 10_100),
        (
            "{ project { ...P } } fragment P on Project { tasks(first: 5) { nodes { ...T } } } "
            "fragment T on Task { ... on Task { blockedBy { id } } }",
            55,
        ),
        ("{ project { tasks(first: -5) { nodes { id } } } }", 0),
        ("{ __schema { types { fields { args { name } } } } }", 0),
    ],
)
def test_entries_are_counted(text: str, expected: int) -> None:
    assert entries(text) == expected


def test_what_is_within_the_bound_is_let_through() -> None:
    document = parse("{ project { tasks(first: 20) { nodes { id } } } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    check_entries(SCHEMA, document, operation, 20)
    with pytest.raises(RequestRefused):
        check_entries(SCHEMA, document, operation, 19)


def test_fragments_that_double_cost_no_time() -> None:
    doubling = " ".join(
        f"fragment F{n} on Project {{ ...F{n + 1} tasks(first: 9) {{ nodes {{ project {{ ...F{n + 1} }} }} }} }}"
        for n in range(60)
    )
    assert entries(f"{{ project {{ ...F0 }} }} {doubling} fragment F60 on Project {{ name }}") > 10**50
