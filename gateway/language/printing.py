"""`Schema` as SDL text, in the layout that supergraph files have.

Invariant: the text parses back to the same schema. Definitions come in the order of the dictionaries; sorting is the
caller's choice.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphql.language.block_string import print_block_string
from graphql.language.print_string import print_string

from gateway.language import literals
from gateway.language.schema import (
    ROOT_NAMES,
    Applied,
    DirectiveDefinition,
    Element,
    Field,
    InputValue,
    Kind,
    Schema,
    Type,
)

_KEYWORDS = {
    Kind.SCALAR: "scalar",
    Kind.OBJECT: "type",
    Kind.INTERFACE: "interface",
    Kind.UNION: "union",
    Kind.ENUM: "enum",
    Kind.INPUT: "input",
}


def print_schema(schema: Schema, *, schema_block: bool = True) -> str:
    """The whole document; without `schema_block` the schema definition is left out where the language allows it."""
    parts = [_schema(schema)] if schema.roots and (schema_block or not _default_roots(schema)) else []
    parts += [directive_definition(entry) for entry in schema.definitions.values()]
    parts += [type_definition(entry) for entry in schema.types.values()]
    return "\n\n".join(parts) + "\n"


def _default_roots(schema: Schema) -> bool:
    default = all(ROOT_NAMES[operation] == name for operation, name in schema.roots.items())
    return default and not schema.directives and not schema.description


def _schema(schema: Schema) -> str:
    lines = [_description(schema, "") + "schema"] + [f"  {applied(entry)}" for entry in schema.directives]
    opening = " {" if len(lines) == 1 else "\n{"
    roots = "".join(
        f"\n  {operation}: {schema.roots[operation]}" for operation in ROOT_NAMES if operation in schema.roots
    )
    return "\n".join(lines) + f"{opening}{roots}\n}}"


def directive_definition(entry: DirectiveDefinition) -> str:
    repeatable = " repeatable" if entry.repeatable else ""
    return (
        f"{_description(entry, '')}directive @{entry.name}{_parameters(entry.args.values(), '')}"
        f"{repeatable} on {' | '.join(entry.locations)}"
    )


def type_definition(entry: Type) -> str:
    head = f"{_description(entry, '')}{_KEYWORDS[entry.kind]} {entry.name}"
    if entry.interfaces:
        head += f" implements {' & '.join(entry.interfaces)}"
    head += "".join(f"\n  {applied(directive)}" for directive in entry.directives)
    separator = "\n" if entry.directives else " "
    if entry.kind is Kind.UNION:
        return head + (f"{separator}= {' | '.join(entry.members)}" if entry.members else "")
    body = _body(entry)
    return head + (f"{separator}{{\n{body}\n}}" if body else "")


def _body(entry: Type) -> str:
    members: Iterable[Element] = entry.values.values()
    if entry.kind in (Kind.OBJECT, Kind.INTERFACE):
        members = entry.fields.values()
    elif entry.kind is Kind.INPUT:
        members = entry.inputs.values()
    lines = []
    for index, member in enumerate(members):
        gap = "\n" if member.description is not None and index else ""
        lines.append(gap + _description(member, "  ") + "  " + _member(member))
    return "\n".join(lines)


def _member(member: Element) -> str:
    directives = "".join(f" {applied(entry)}" for entry in member.directives)
    if isinstance(member, Field):
        return f"{member.name}{_parameters(member.args.values(), '  ')}: {member.type}{directives}"
    if isinstance(member, InputValue):
        return input_value(member)
    return f"{member.name}{directives}"


def input_value(entry: InputValue) -> str:
    default = f" = {literals.text(entry.default)}" if entry.has_default else ""
    return f"{entry.name}: {entry.type}{default}" + "".join(f" {applied(directive)}" for directive in entry.directives)


def applied(entry: Applied) -> str:
    return f"@{entry.name}{literals.arguments(entry.args.items())}"


def _parameters(args: Iterable[InputValue], indent: str) -> str:
    entries = list(args)
    if not entries:
        return ""
    if all(entry.description is None for entry in entries):
        return f"({', '.join(input_value(entry) for entry in entries)})"
    inner = indent + "  "
    lines = "\n".join(f"{_description(entry, inner)}{inner}{input_value(entry)}" for entry in entries)
    return f"(\n{lines}\n{indent})"


def _description(entry: Element, indent: str) -> str:
    if entry.description is None:
        return ""
    block = print_block_string(entry.description)
    text = block if _block_is_faithful(entry.description) else print_string(entry.description)
    return "".join(f"{indent}{line}\n" if line else "\n" for line in text.split("\n"))


def _block_is_faithful(value: str) -> bool:
    """Whether a block string gives the value back: no control characters, no outer blank lines, no common indent."""
    if any(ord(char) < 0x20 and char not in "\n\t" for char in value):
        return False
    lines = value.split("\n")
    if value and (not lines[0].strip() or not lines[-1].strip()):
        return False
    return len(lines) < 2 or any(line and not line[0].isspace() for line in lines[1:])
