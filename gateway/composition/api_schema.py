"""The API schema: what of a supergraph its clients see.

Invariant: no @inaccessible element, no element of a linked specification, no composed directive remains.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.composition.api_defaults import coerce_defaults
from gateway.composition.merge.executable_directives import EXECUTABLE
from gateway.language.schema import Applied, DirectiveDefinition, Element, EnumValue, Field, InputValue, Schema, Type

_VISIBLE = ("deprecated", "specifiedBy")
_MACHINERY = ("join__", "link__")


def api_schema(supergraph: Schema, *, machinery: Iterable[str] = ()) -> Schema:
    """A reduced copy; the supergraph stays as it is. `machinery`: names of the specifications' own types."""
    hidden = set(machinery)
    api = Schema("schema", supergraph.description, roots={})
    for owner in supergraph.types.values():
        if not owner.name.startswith(_MACHINERY) and owner.name not in hidden and not owner.has("inaccessible"):
            api.types[owner.name] = _type(owner)
    for owner in api.types.values():
        owner.interfaces = {name: None for name in owner.interfaces if name in api.types}
        owner.members = {name: None for name in owner.members if name in api.types}
    api.roots = {operation: name for operation, name in supergraph.roots.items() if name in api.types}
    for definition in supergraph.definitions.values():
        locations = tuple(location for location in definition.locations if location in EXECUTABLE)
        if locations and not definition.name.startswith(_MACHINERY) and definition.name not in hidden:
            api.definitions[definition.name] = DirectiveDefinition(
                definition.name,
                definition.description,
                args=_inputs(definition.args),
                locations=locations,
                repeatable=definition.repeatable,
            )
    coerce_defaults(api)
    return api


def _directives(element: Element) -> list[Applied]:
    """Deprecated for no reason, `null`, is not deprecated."""
    shown = (entry for entry in element.directives if entry.name in _VISIBLE)
    return [entry for entry in shown if not (entry.name == "deprecated" and entry.args.get("reason", "") is None)]


def _type(owner: Type) -> Type:
    return Type(
        owner.name,
        owner.description,
        _directives(owner),
        kind=owner.kind,
        fields={
            field.name: Field(
                field.name, field.description, _directives(field), type=field.type, args=_inputs(field.args)
            )
            for field in owner.fields.values()
            if not field.has("inaccessible")
        },
        inputs=_inputs(owner.inputs),
        values={
            value.name: EnumValue(value.name, value.description, _directives(value))
            for value in owner.values.values()
            if not value.has("inaccessible")
        },
        interfaces=dict(owner.interfaces),
        members=dict(owner.members),
    )


def _inputs(inputs: dict[str, InputValue]) -> dict[str, InputValue]:
    return {
        entry.name: InputValue(
            entry.name,
            entry.description,
            _directives(entry),
            type=entry.type,
            default=entry.default,
            has_default=entry.has_default,
        )
        for entry in inputs.values()
        if not entry.has("inaccessible")
    }
