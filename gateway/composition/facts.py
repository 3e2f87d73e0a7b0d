"""What a subgraph's federation directives say about its fields: external, provided, used, shareable.

Invariant: computed once from a completed schema; field sets that do not parse are left to validation and count for
nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.language.elements import inputs
from gateway.language.literals import EnumLiteral
from gateway.language.schema import Applied, Field, Kind, Schema, Type
from gateway.language.selections import FieldSelection, InvalidSelection, Selection, parse_field_set, split_context
from gateway.language.type_refs import named

Coordinate = tuple[str, str]


class Facts:
    """Answers questions about the fields of one subgraph."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.key_fields: set[Coordinate] = set()
        self.required: set[Coordinate] = set()
        self.provided: set[Coordinate] = set()
        self.interface_fields: set[Coordinate] = set()
        self.contextual: set[Coordinate] = set()
        self._not_really_external: set[Coordinate] = set()
        self._collect_keys()
        self._collect_fields()
        self._collect_interfaces()
        self._collect_contexts()

    def is_external(self, owner: Type, field: Field) -> bool:
        """Declared here, resolved elsewhere. Key fields of an extension are external in name only."""
        if (owner.name, field.name) in self._not_really_external:
            return False
        return self.is_marked_external(owner, field)

    def is_marked_external(self, owner: Type, field: Field) -> bool:
        return field.has("external") or _covers(owner, field, "external")

    def is_fully_external(self, owner: Type, field: Field) -> bool:
        """External, and not even provided somewhere."""
        return self.is_external(owner, field) and (owner.name, field.name) not in self.provided

    def is_shareable(self, owner: Type, field: Field) -> bool:
        if owner.kind is not Kind.OBJECT:
            return False
        return (
            field.has("shareable") or _covers(owner, field, "shareable") or (owner.name, field.name) in self.key_fields
        )

    def is_used(self, owner: str, field: str) -> bool:
        """Whether a directive's field set, an interface or a context needs the field to be declared."""
        at = (owner, field)
        return (
            at in self.key_fields
            or at in self.required
            or at in self.provided
            or at in self.interface_fields
            or at in self.contextual
        )

    def _collect_keys(self) -> None:
        for owner in self.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
            for key in owner.applied("key"):
                fields = list(selected(self.schema, owner.name, field_set(key)))
                self.key_fields.update(fields)
                if key.extension or owner.has("extends"):
                    self._not_really_external.update(
                        (owner.name, entry.name) for entry in field_set(key) if isinstance(entry, FieldSelection)
                    )

    def _collect_fields(self) -> None:
        for owner in self.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
            for field in owner.fields.values():
                for requires in field.applied("requires"):
                    self.required.update(selected(self.schema, owner.name, field_set(requires)))
                for provides in field.applied("provides"):
                    self.provided.update(selected(self.schema, named(field.type), field_set(provides)))

    def _collect_interfaces(self) -> None:
        for owner in self.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
            for interface in map(self.schema.types.get, owner.interfaces):
                for name in interface.fields if interface else ():
                    self.interface_fields.add((owner.name, name))

    def _collect_contexts(self) -> None:
        """Fields that `@fromContext` reads, on every type that sets the context."""
        setting: dict[str, list[str]] = {}
        for owner in self.schema.of_kind(Kind.OBJECT, Kind.INTERFACE, Kind.UNION):
            for context in owner.applied("context"):
                setting.setdefault(str(context.args.get("name")), []).append(owner.name)
        for argument in inputs(self.schema) if setting else ():
            for application in argument.applied("fromContext"):
                name, selection = split_context(application.args.get("field"))
                for owner_name in setting.get(name, ()):
                    self.contextual.update(selected(self.schema, owner_name, _parsed(selection)))


def _covers(owner: Type, field: Field, spec: str) -> bool:
    """Whether the directive on the declaration (definition or extension) that holds the field applies to it."""
    return any(entry.declaration is field.declaration for entry in owner.applied(spec))


def field_set(application: Applied) -> tuple[Selection, ...]:
    """The application's `fields`, or nothing when they are not a valid text."""
    text = application.args.get("fields")
    return _parsed(text) if isinstance(text, str) and not isinstance(text, EnumLiteral) else ()


def _parsed(text: str) -> tuple[Selection, ...]:
    try:
        return parse_field_set(text)
    except InvalidSelection:
        return ()


def selected(schema: Schema, type_name: str, selections: tuple[Selection, ...]) -> list[Coordinate]:
    """Coordinates that a selection on a type mentions, on implementations too where the type is an interface.

    An invalid selection mentions what stands before its first unknown field.
    """
    found: list[Coordinate] = []
    try:
        found.extend(_selected(schema, type_name, selections))
    except _UnknownField:
        return found
    return found


def is_known(schema: Schema, type_name: str, selections: tuple[Selection, ...]) -> bool:
    """Whether all fields of a selection exist."""
    try:
        return bool(list(_selected(schema, type_name, selections)))
    except _UnknownField:
        return False


class _UnknownField(Exception):
    pass


def _selected(schema: Schema, type_name: str, selections: tuple[Selection, ...]) -> Iterator[Coordinate]:
    owner = schema.types.get(type_name)
    if owner is None:
        raise _UnknownField
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            yield from _selected(schema, selection.condition or type_name, selection.selections)
        elif selection.name != "__typename":
            yield from _selected_field(schema, owner, selection)


def _selected_field(schema: Schema, owner: Type, selection: FieldSelection) -> Iterator[Coordinate]:
    field = owner.fields.get(selection.name)
    if field is None:
        raise _UnknownField
    yield owner.name, field.name
    for implementation in schema.implementations(owner.name) if owner.kind is Kind.INTERFACE else ():
        if selection.name in implementation.fields:
            yield implementation.name, field.name
    if selection.selections:
        yield from _selected(schema, named(field.type), selection.selections)
