"""A query that shows a problem: the way from the root to the field, with something for each required argument."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.language import literals
from gateway.language.literals import EnumLiteral, Literal
from gateway.language.schema import Field, Kind, Schema
from gateway.language.type_refs import TypeRef, is_list, is_non_null, named, nullable

MAX_DEPTH = 3  # of example input objects: required ones inside each other grow without bound
_SCALARS: dict[str, Literal] = {"Int": 0, "Float": 0, "Boolean": True, "ID": "<any id>"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step down from the one before: a field of a type, or a fragment on a type when there is no field."""

    before: Step | None
    type_name: str
    field: str | None

    def steps(self) -> list[Step]:
        found: list[Step] = []
        step: Step | None = self
        while step is not None:
            found.append(step)
            step = step.before
        return found[::-1]


def query(schema: Schema, operation: str, step: Step) -> str:
    """The operation's text."""
    lines = ["{" if operation == "query" else f"{operation} {{"]
    steps = step.steps()
    for depth, entry in enumerate(steps, start=1):
        opening = " {" if depth < len(steps) or not _is_leaf(schema, entry) else ""
        lines.append("  " * depth + _text(schema, entry) + opening)
    depth = len(steps)
    if lines[-1].endswith("{"):
        lines.append("  " * (depth + 1) + "...")
    else:
        depth -= 1
    lines += ["  " * level + "}" for level in range(depth, -1, -1)]
    return "\n".join(lines)


def _is_leaf(schema: Schema, step: Step) -> bool:
    field = schema.field(step.type_name, step.field or "")
    target = schema.types.get(named(field.type)) if field else None
    return field is not None and (target is None or not target.is_composite)


def _text(schema: Schema, step: Step) -> str:
    if step.field is None:
        return f"... on {step.type_name}"
    field = schema.field(step.type_name, step.field)
    return step.field + (_arguments(schema, field) if field else "")


def _arguments(schema: Schema, field: Field) -> str:
    required = ((entry.name, _example(schema, entry.type, 0)) for entry in field.args.values() if entry.required)
    return literals.arguments(required)


def _example(schema: Schema, type_: TypeRef, depth: int) -> Literal:
    if not is_non_null(type_):
        return None
    inner = nullable(type_)
    if is_list(inner):
        return []
    owner = schema.types.get(inner)
    if owner is None or owner.kind is Kind.SCALAR:
        return _SCALARS.get(inner, "<any value>")
    if owner.kind is Kind.ENUM:
        return EnumLiteral(next(iter(owner.values), ""))
    if depth == MAX_DEPTH:
        return {}
    return {entry.name: _example(schema, entry.type, depth + 1) for entry in owner.inputs.values() if entry.required}
