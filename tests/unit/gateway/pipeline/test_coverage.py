"""What an event's value answers of a selection, and what is left to fetch."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, build_schema, get_named_type, parse

from gateway.pipeline.completion import completion
from gateway.pipeline.coverage import Coverage, Covered

SCHEMA = build_schema("""
type Query { a: Int }
type Subscription { changed: Change  node: Node }
type Change { kind: String task: Task tasks: [Task] note: Note }
type Task implements Node { id: ID! title: String project: Project comments(first: Int): Int }
type Project { key: String }
type Note { text: String more: String }
interface Node { id: ID! }
""")


def cover(selection: str, value: Any, **variables: Any) -> Covered:
    document = parse(f"subscription {{ {selection} }}" if "fragment" not in selection else selection)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    field = operation.selection_set.selections[0]
    assert isinstance(field, FieldNode)
    root = SCHEMA.subscription_type
    assert root is not None
    keys = {"Task": [("missing",), ("id",)]}
    coverage = Coverage(SCHEMA, fragments, lambda name: keys.get(name, []), variables)
    return coverage.cover(field, get_named_type(root.fields[field.name.value].type), value)


def fetched(covered: Covered) -> str:
    return completion("tasks", covered.gaps, ()).document


TASK = {"id": "1", "title": "T", "project": {"key": "ENG"}}


@pytest.mark.parametrize(
    ("selection", "value", "data"),
    [
        (
            "changed { k: kind task { id t: title } }",
            {"kind": "new", "task": TASK},
            {"k": "new", "task": {"id": "1", "t": "T"}},
        ),
        ("changed { task { project { key } } }", {"task": TASK}, {"task": {"project": {"key": "ENG"}}}),
        ("changed { tasks { id } }", {"tasks": [TASK, None]}, {"tasks": [{"id": "1"}, None]}),
        ("changed { task { id } }", {"task": None}, {"task": None}),
        ("changed { task { id } }", None, None),
        (
            "changed { task { ... on Task { id } ... on Node { title } ... on Project { key } } }",
            {"task": TASK},
            {"task": {"id": "1", "title": "T"}},
        ),
        (
            "subscription { changed { ...F } } fragment F on Change { task { id } }",
            {"task": TASK},
            {"task": {"id": "1"}},
        ),
        ("node { __typename id }", {"__typename": "Task", "id": "1"}, {"__typename": "Task", "id": "1"}),
    ],
)
def test_a_value_that_holds_everything_needs_no_fetch(selection: str, value: Any, data: Any) -> None:
    covered = cover(selection, value)
    assert covered.gaps == {}
    assert without_typenames(covered.data, keep="__typename" in selection) == data


def without_typenames(data: Any, *, keep: bool) -> Any:
    if isinstance(data, dict):
        return {k: without_typenames(v, keep=keep) for k, v in data.items() if keep or k != "__typename"}
    if isinstance(data, list):
        return [without_typenames(item, keep=keep) for item in data]
    return data


def test_what_is_missing_is_fetched_below_the_entity_that_holds_its_key() -> None:
    covered = cover("changed { task { id project { key } } }", {"task": {"id": "1"}})
    assert covered.data["task"]["__key_id"] == "1"
    assert "_e0: _entities(representations: $_r0) { ... on Task { project {" in fetched(covered)


def test_a_field_with_arguments_is_always_fetched() -> None:
    covered = cover("changed { task { comments(first: 2) } }", {"task": {"id": "1", "comments": 7}})
    assert "comments(first: 2)" in fetched(covered)


def test_a_gap_inside_a_value_object_is_fetched_from_the_entity_around_it() -> None:
    covered = cover("changed { task { project { key } } }", {"task": {"id": "1", "project": {}}})
    assert "... on Task { project {" in fetched(covered)


def test_elements_of_a_list_share_one_call() -> None:
    covered = cover("changed { tasks { title } }", {"tasks": [{"id": "1"}, {"id": "2", "title": "T"}, {"id": "3"}]})
    assert len(covered.gaps) == 1
    assert covered.data["tasks"][1]["title"] == "T"


@pytest.mark.parametrize("value", [{"note": {"text": "x"}}, {}, {"note": "odd"}])
def test_what_no_key_leads_to_stays_missing(value: Any) -> None:
    covered = cover("changed { note { text more } }", value)
    assert covered.gaps == {}


def test_conditions_decide_what_is_needed() -> None:
    selection = "changed { task { id title @include(if: $yes) project @skip(if: $yes) { key } } }"
    assert cover(selection, {"task": {"id": "1", "title": "T"}}, yes=True).gaps == {}
    assert "project" in fetched(cover(selection, {"task": {"id": "1"}}, yes=False))
