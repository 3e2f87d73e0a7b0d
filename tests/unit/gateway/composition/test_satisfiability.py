"""Queries that cannot be answered are found, shown and explained; the search ends."""

from __future__ import annotations

from gateway.composition import SubgraphInput, compose
from gateway.composition.intake import take_in
from gateway.composition.merge.run import merge
from gateway.composition.report import Report
from gateway.composition.satisfiability import check
from gateway.composition.satisfiability.budget import Budget

HEAD = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", '
    '"@requires", "@provides", "@override", "@interfaceObject", "@context", "@fromContext"])\n'
)


def messages(**sdl: str) -> list[str]:
    composition = compose([SubgraphInput(name, HEAD + text) for name, text in sdl.items()])
    assert {error.code for error in composition.errors} <= {"SATISFIABILITY_ERROR"}
    return [error.message for error in composition.errors]


def test_witness_query_and_a_reason_for_each_subgraph() -> None:
    (message,) = messages(
        a="type Query { users(first: Int!, role: Role!, filter: Filter!): [User] } type User { name: String } "
        "enum Role { ADMIN } input Filter { id: ID! limit: Int }",
        b="type User { age: Int }",
    )
    assert message == (
        "The query\n"
        '{\n  users(first: 0, role: ADMIN, filter: {id: "<any id>"}) {\n    age\n  }\n}\n'
        "cannot be satisfied by the subgraphs because:\n"
        '- from subgraph "a":\n'
        '  - cannot find field "User.age".\n'
        '  - cannot move to subgraph "b", which has field "User.age", because type "User" has no @key defined in '
        'subgraph "b".'
    )


def test_key_that_cannot_be_had_is_the_reason() -> None:
    (message,) = messages(
        a="type Query { t: T } type T { name: String @shareable }",
        b='type T @key(fields: "id") { id: ID! @shareable name: String @shareable }',
    )
    assert 'using @key(fields: "id") of "T", because the key field(s) cannot be resolved from "a"' in message


def test_requirement_that_cannot_be_met_is_the_reason() -> None:
    found = messages(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @requires(fields: "y") y: Int @external }',
        b="type T { y: Int }",
    )
    assert any('cannot satisfy @requires conditions on field "T.x"' in message for message in found)


def test_keys_are_followed_through_other_subgraphs() -> None:
    assert not messages(
        a='type Query { t: T } type T @key(fields: "a") { a: ID }',
        b='type T @key(fields: "a") @key(fields: "b") { a: ID b: ID }',
        c='type T @key(fields: "b") { b: ID x: Int }',
    )


def test_requirements_in_a_circle_are_not_met() -> None:
    assert messages(
        a='type Query { t: T } type T @key(fields: "id") { id: ID x: Int @requires(fields: "y") y: Int @external }',
        b='type T @key(fields: "id") { id: ID y: Int @requires(fields: "x") x: Int @external }',
    )


def test_keys_that_contain_each_other_end() -> None:
    assert not messages(
        a='type Query { u: User } type User @key(fields: "id") { id: ID org: Org } '
        'type Org @key(fields: "id") { id: ID }',
        b='type Org @key(fields: "id") @key(fields: "owner { id }") { id: ID owner: User } '
        'type User @key(fields: "id") @key(fields: "org { id }") { id: ID org: Org @external x: Int }',
    )


def test_mutation_field_must_be_satisfied_by_one_call() -> None:
    parts = {
        "a": "type Query { q: Int } type Mutation { m: P @shareable } type P { x: Int @shareable y: Int }",
        "b": "type Mutation { m: P @shareable } type P { x: Int @shareable z: Int }",
    }
    (message,) = messages(**parts)
    assert "can be called in one subgraph only" in message
    assert 'when subgraph "a" is called' in message


def test_field_must_be_resolvable_in_both_states_of_a_label() -> None:
    (message,) = messages(
        a='type Query { t: T } type T @key(fields: "id") { id: ID x: Int @override(from: "b", label: "new") }',
        b='type T @key(fields: "id", resolvable: false) { id: ID x: Int }',
    )
    assert 'while the override label "new" says so' in message


def test_context_must_be_set_above() -> None:
    (message,) = messages(
        a='type Query { t: T u: U } type T @key(fields: "id") @context(name: "c") { id: ID! n: String u: U } '
        'type U @key(fields: "id") { id: ID! f(x: String @fromContext(field: "$c { n }")): Int }'
    )
    assert 'could not find a match for required context for field "U.f"' in message
    assert "u {\n    f" in message


def test_interface_object_that_reaches_no_implementation() -> None:
    (message,) = messages(
        a='type Query { i: I } type I @interfaceObject @key(fields: "id") { id: ID x: Int }',
        b='interface I @key(fields: "id", resolvable: false) { id: ID } '
        'type A implements I @key(fields: "id", resolvable: false) { id: ID }',
    )
    assert "no subgraph can be reached to resolve the implementation type of @interfaceObject" in message


def test_search_that_would_not_end_is_refused_with_a_code() -> None:
    report = Report()
    names = [f"s{number}" for number in range(6)]
    fields = " ".join(f"f{number}: T @shareable" for number in range(6))
    sdl = HEAD + f'type Query {{ t: T @shareable }} type T @key(fields: "id") {{ id: ID {fields} }}'
    subgraphs = take_in([SubgraphInput(name, sdl) for name in names], report)
    merged = merge(subgraphs, report)
    check(merged, Budget(50))
    assert [error.code for error in report.errors] == ["MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"]


def test_entity_of_very_many_subgraphs_stays_within_the_budget() -> None:
    parts = [
        f'type Query {{ q{number}: User }} type User @key(fields: "id") {{ id: ID! f{number}: Int org{number}: Org }} '
        f'type Org @key(fields: "id") {{ id: ID! g{number}: User }}'
        for number in range(80)
    ]
    composition = compose([SubgraphInput(f"s{number}", HEAD + part) for number, part in enumerate(parts)])
    assert composition.errors == ()


def test_wide_shared_graph_stays_within_the_budget() -> None:
    names = [f"s{number}" for number in range(12)]
    kinds = [f"T{number}" for number in range(12)]
    types = " ".join(
        f'type {kind} @key(fields: "id") {{ id: ID {" ".join(f"{k.lower()}: {k} @shareable" for k in kinds)} }}'
        for kind in kinds
    )
    query = f"type Query {{ {' '.join(f'{kind.lower()}: {kind} @shareable' for kind in kinds)} }}"
    composition = compose([SubgraphInput(name, HEAD + types + query) for name in names])
    assert composition.errors == ()
