"""Reading a document and printing it again."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.language.printing import print_schema
from gateway.language.reading import read
from gateway.language.schema import Kind

DOCUMENT = '''"""The schema."""
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
{
  query: Root
}

directive @fine(level: Int = 3, names: [String!]) repeatable on FIELD_DEFINITION | OBJECT

"""A type."""
type Root implements Node & Other
  @fine
{
  """Its id."""
  id: ID!
  items(
    """How many."""
    first: Int = 10
    filter: Filter = {level: HIGH}
  ): [Item!]! @fine(level: 4)
}

interface Node {
  id: ID!
}

union Item = Root

enum Level {
  HIGH
  LOW @deprecated(reason: "gone")
}

input Filter {
  level: Level! = LOW
}

scalar Date
'''


def test_printed_document_is_the_document() -> None:
    schema, conflicts = read(parse(DOCUMENT))
    assert conflicts == []
    assert print_schema(schema) == DOCUMENT


def test_definitions_and_extensions_become_one_type_that_remembers_both() -> None:
    schema, _ = read(parse("extend type A @x { b: Int } type A { a: Int } extend type B { c: Int }"))
    both, extension = schema.types["A"], schema.types["B"]
    assert (both.base, both.extended, list(both.fields)) == (True, True, ["b", "a"])
    assert (extension.base, extension.extended) == (False, True)
    assert both.directives[0].extension
    assert both.directives[0].declaration is both.fields["b"].declaration


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        ("type A { a: Int } type A { b: Int }", 'There can be only one type named "A"'),
        ("type A { a: Int a: Int }", "Field a already exists on A"),
        ("type A implements I & I { a: Int }", 'Type "A" can only implement "I" once.'),
        ("union U = A | A", 'Union type "U" can only include type "A" once.'),
        ("type A { a: Int } extend union A = B", 'Type "A" is declared as OBJECT and extended as UNION'),
        ("query { a }", "Invalid executable definition found while building schema"),
    ],
)
def test_repetition_is_reported_with_its_place(sdl: str, message: str) -> None:
    _, conflicts = read(parse(sdl))
    assert [conflict.message for conflict in conflicts] == [message]
    assert conflicts[0].node.loc is not None


@pytest.mark.parametrize("text", ["", "two\nlines", 'with """ quotes', "  indented", "tab\there", "trailing \\", "\n"])
def test_any_description_survives_printing(text: str) -> None:
    schema, _ = read(parse("type A { a: Int }"))
    schema.types["A"].description = text
    schema.types["A"].fields["a"].description = text
    again, _ = read(parse(print_schema(schema)))
    assert again.types["A"].description == text
    assert again.types["A"].fields["a"].description == text


def test_possible_types_of_an_interface_are_its_objects() -> None:
    schema, _ = read(
        parse("interface I { a: Int } interface J implements I { a: Int } type A implements I & J { a: Int }")
    )
    assert schema.possible("I") == ["A"]
    assert [entry.name for entry in schema.of_kind(Kind.INTERFACE)] == ["I", "J"]
