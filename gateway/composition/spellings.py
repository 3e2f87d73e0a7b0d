"""One spelling for each value: servers take a bare name for a string and a quoted one for an enum value.

Invariant: what is not a value of its type is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.language.built_in_directives import BUILT_IN_DIRECTIVES
from gateway.language.elements import elements, inputs
from gateway.language.literals import EnumLiteral, Literal
from gateway.language.schema import Kind, Schema
from gateway.language.type_refs import TypeRef, is_list, item, nullable

Leaf = Callable[[Schema, Literal, str], Literal]
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)$")
_NEVER_NAMES = ("Int", "Float", "Boolean")


def settle(schema: Schema) -> None:
    """In a subgraph: names where names are meant, strings elsewhere."""
    _rewrite(schema, _name_or_string)


def settle_ids(schema: Schema) -> None:
    """In a supergraph: IDs that look like integers are shown as such."""
    _rewrite(schema, _id)


def _name_or_string(schema: Schema, value: Literal, name: str) -> Literal:
    owner = schema.types.get(name)
    if owner is not None and owner.kind is Kind.ENUM:
        return EnumLiteral(value) if isinstance(value, str) else value
    return value if name in _NEVER_NAMES else without_names(value)


def without_names(value: Literal) -> Literal:
    """The value with every bare name quoted."""
    match value:
        case EnumLiteral():
            return str(value)
        case list():
            return [without_names(entry) for entry in value]
        case dict():
            return {name: without_names(entry) for name, entry in value.items()}
    return value


def _id(_: Schema, value: Literal, name: str) -> Literal:
    is_number = name == "ID" and isinstance(value, str) and _INTEGER.match(value)
    return int(str(value)) if is_number else value


def _rewrite(schema: Schema, leaf: Leaf) -> None:
    for entry in inputs(schema):
        if entry.has_default:
            entry.default = _rewritten(schema, entry.default, entry.type, leaf)
    for element in elements(schema):
        for application in element.directives:
            definition = schema.definitions.get(application.name) or BUILT_IN_DIRECTIVES.get(application.name)
            for name in application.args if definition else ():
                argument = definition.args.get(name) if definition else None
                if argument is not None:
                    value = application.args[name]
                    application.args[name] = _rewritten(schema, value, argument.type, leaf)


def _rewritten(schema: Schema, value: Literal, type_: TypeRef, leaf: Leaf) -> Literal:
    if value is None:
        return None
    type_ = nullable(type_)
    if is_list(type_):
        if isinstance(value, list):
            return [_rewritten(schema, entry, item(type_), leaf) for entry in value]
        return _rewritten(schema, value, item(type_), leaf)
    owner = schema.types.get(type_)
    if owner is None or owner.kind is not Kind.INPUT:
        return leaf(schema, value, type_)
    if not isinstance(value, dict):
        return value
    return {
        name: _rewritten(schema, entry, owner.inputs[name].type, leaf) if name in owner.inputs else entry
        for name, entry in value.items()
    }
