"""The selection of a `@fromContext`: on each type that sets the context it must yield one fitting value."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.language.schema import Schema, Type
from gateway.language.selections import FieldSelection, FragmentSelection, InvalidSelection, Selection, parse_field_set
from gateway.language.subtypes import is_subtype
from gateway.language.type_refs import TypeRef, is_non_null, named, nullable


def selection_problem(schema: Schema, owners: Sequence[Type], text: str, wanted: TypeRef) -> str | None:
    """What is wrong with it, or None."""
    try:
        selections = parse_field_set(text)
    except InvalidSelection as error:
        return str(error)
    for owner in owners:
        if any(schema.types[name].has("interfaceObject") for name in schema.possible(owner.name)):
            return f'"{owner.name}" is an @interfaceObject'
        problem = _on_owner(schema, owner, selections, wanted)
        if problem:
            return problem
    return None


def _on_owner(schema: Schema, owner: Type, selections: tuple[Selection, ...], wanted: TypeRef) -> str | None:
    if any(entry.directives for entry in selections):
        return "directives are not allowed"
    fragments = [entry for entry in selections if isinstance(entry, FragmentSelection)]
    if not fragments:
        return _value(schema, owner, selections, wanted)
    if len(fragments) < len(selections):
        return "fields and fragments are mixed"
    possible = set(schema.possible(owner.name))
    matching = [
        entry for entry in fragments if entry.condition is None or possible & set(schema.possible(entry.condition))
    ]
    if not matching:
        return f'no type condition matches "{owner.name}"'
    for entry in matching:
        target = schema.types.get(entry.condition or owner.name)
        problem = _value(schema, target, entry.selections, wanted) if target else f'unknown type "{entry.condition}"'
        if problem:
            return problem
    return None


def _value(schema: Schema, owner: Type, selections: tuple[Selection, ...], wanted: TypeRef) -> str | None:
    """One field, and below it one field, down to a leaf."""
    path = _single(selections)
    if isinstance(path, str):
        return path
    if path.name == "__typename":
        return None if wanted == "String" else f'its type "String!" does not match "{wanted}"'
    field = owner.fields.get(path.name)
    if field is None:
        return f'"{owner.name}" has no field "{path.name}"'
    target = schema.types.get(named(field.type))
    if target is not None and target.is_composite:
        if not path.selections:
            return f'field "{owner.name}.{path.name}" needs a selection of its fields'
        lifted = wanted if is_non_null(field.type) else nullable(wanted)
        if is_non_null(wanted) and not is_non_null(field.type):
            return f'"{owner.name}.{path.name}" may be null but "{wanted}" may not'
        return _value(schema, target, path.selections, lifted)
    if not is_subtype(schema, field.type, wanted):
        return f'its type "{field.type}" does not match "{wanted}"'
    return None


def _single(selections: tuple[Selection, ...]) -> FieldSelection | str:
    if len(selections) != 1:
        return "multiple selections are made"
    entry = selections[0]
    if not isinstance(entry, FieldSelection):
        return "a fragment is nested"
    if entry.alias is not None:
        return "aliases are not allowed"
    return "directives are not allowed" if entry.directives else entry
