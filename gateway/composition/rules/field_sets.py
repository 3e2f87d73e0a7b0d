"""Field sets of @key, @requires and @provides against the subgraph they are written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.composition.validity.values import fits
from gateway.language import literals
from gateway.language.built_in_directives import BUILT_IN_DIRECTIVES
from gateway.language.literals import EnumLiteral
from gateway.language.schema import Applied, Field, Kind, Schema, Type
from gateway.language.selections import FieldSelection, FragmentSelection, InvalidSelection, Selection, parse_field_set
from gateway.language.type_refs import named

_UNDECLARED = {
    "key": "declare it here, with @external if another subgraph resolves it",
    "requires": "if another subgraph defines it, declare it here with @external",
    "provides": "if another subgraph defines it, declare it here with @external",
}


@dataclass(frozen=True, slots=True)
class FieldSetUse:
    """One application whose `fields` are looked at: the directive, where it stands, the type it selects on."""

    subgraph: Subgraph
    facts: Facts
    application: Applied
    at: str
    owner: Type

    @property
    def spec(self) -> str:
        return self.application.spec or ""

    def refuse(self, code: str, problem: str) -> None:
        fields = literals.text(self.application.args.get("fields"))
        self.subgraph.error(
            f"{self.spec.upper()}_{code}",
            f"{self.at}, for @{self.spec}(fields: {fields}): {problem}",
            self.application.node,
        )


class _Refusal(Exception):
    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code


def checked(use: FieldSetUse) -> tuple[Selection, ...] | None:
    """The parsed selections, or None after a refusal."""
    value = use.application.args.get("fields")
    if not isinstance(value, str) or isinstance(value, EnumLiteral):
        use.refuse("INVALID_FIELDS_TYPE", 'Invalid value for argument "fields": must be a string.')
        return None
    try:
        selections = parse_field_set(value)
        _check(use, use.owner, selections)
    except InvalidSelection as error:
        use.refuse("INVALID_FIELDS", str(error))
        return None
    except _Refusal as refusal:
        use.refuse(refusal.code, str(refusal))
        return None
    return selections


def _check(use: FieldSetUse, owner: Type, selections: tuple[Selection, ...]) -> None:
    for selection in selections:
        if selection.directives:
            unknown = [name for name in selection.directives if not _is_known(use.subgraph.schema, name)]
            if unknown:
                raise _Refusal("INVALID_FIELDS", f'Unknown directive "@{unknown[0]}"')
            shown = ", ".join(f"@{name}" for name in selection.directives)
            raise _Refusal("DIRECTIVE_IN_FIELDS_ARG", f"directives are not allowed here, found {shown}.")
        if isinstance(selection, FragmentSelection):
            _check(use, _condition(use.subgraph.schema, owner, selection), selection.selections)
        elif selection.name != "__typename":
            _check_field(use, owner, selection)


def _is_known(schema: Schema, directive: str) -> bool:
    return directive in BUILT_IN_DIRECTIVES or directive in schema.definitions


def _condition(schema: Schema, owner: Type, selection: FragmentSelection) -> Type:
    if selection.condition is None:
        return owner
    found = schema.types.get(selection.condition)
    if found is None or not found.is_composite:
        raise _Refusal("INVALID_FIELDS", f'Unknown type "{selection.condition}" in a fragment.')
    if not set(schema.possible(owner.name)) & set(schema.possible(found.name)) and _exclude_each_other(owner, found):
        raise _Refusal("INVALID_FIELDS", f'A fragment on "{found.name}" can never apply to "{owner.name}".')
    return found


def _exclude_each_other(owner: Type, condition: Type) -> bool:
    """Two different object types exclude each other; an abstract type may get members in other subgraphs."""
    return owner.kind is Kind.OBJECT and condition.kind is Kind.OBJECT


def _check_field(use: FieldSetUse, owner: Type, selection: FieldSelection) -> None:
    field = owner.fields.get(selection.name)
    if field is None:
        message = f'Cannot query field "{selection.name}" on type "{owner.name}" ({_UNDECLARED[use.spec]}).'
        raise _Refusal("INVALID_FIELDS", message)
    if selection.alias is not None:
        raise _Refusal("INVALID_FIELDS", f'Cannot use alias "{selection.alias}": aliases are not supported here.')
    _check_arguments(use, owner, field, selection)
    target = use.subgraph.schema.types.get(named(field.type))
    if use.spec == "key" and target is not None and target.is_abstract:
        kind = target.kind.value.lower()
        raise _Refusal(
            "FIELDS_SELECT_INVALID_TYPE",
            f'field "{owner.name}.{field.name}" is of {kind} type, which a @key cannot use',
        )
    if target is not None and target.is_composite:
        if not selection.selections:
            message = f'Field "{owner.name}.{field.name}" of type {target.name} needs a selection of its fields'
            raise _Refusal("INVALID_FIELDS", message)
        _check(use, target, selection.selections)
    elif selection.selections:
        raise _Refusal("INVALID_FIELDS", f'Field "{owner.name}.{field.name}" of a leaf type has no fields to select')


def _check_arguments(use: FieldSetUse, owner: Type, field: Field, selection: FieldSelection) -> None:
    at = f"{owner.name}.{field.name}"
    if use.spec in ("key", "provides"):
        if field.args:
            raise _Refusal("FIELDS_HAS_ARGS", f"field {at} has arguments, which a @{use.spec} cannot use")
        return
    for name, value in selection.args.items():
        argument = field.args.get(name)
        if argument is None:
            raise _Refusal("INVALID_FIELDS", f'Unknown argument "{name}": "{at}" has no such argument')
        if not fits(use.subgraph.schema, value, argument.type):
            raise _Refusal("INVALID_FIELDS", f'Invalid value for argument "{name}" of type {argument.type}')
    for argument in field.args.values():
        if argument.required and argument.name not in selection.args:
            raise _Refusal("INVALID_FIELDS", f'Missing value for the required argument "{argument.name}" of "{at}"')


def check_external(use: FieldSetUse, selections: tuple[Selection, ...]) -> None:
    """Every leaf must be external or below something external, else the directive has no use."""
    for at in _resolved_here(use, use.owner, selections):
        use.refuse(
            "FIELDS_MISSING_EXTERNAL",
            f'field "{at}" should not be part of a @{use.spec}: this subgraph resolves it anyway (it is not @external)',
        )


def _resolved_here(use: FieldSetUse, owner: Type, selections: tuple[Selection, ...]) -> Iterator[str]:
    for selection in selections:
        if isinstance(selection, FragmentSelection):
            target = use.subgraph.schema.types.get(selection.condition or owner.name, owner)
            yield from _resolved_here(use, target, selection.selections)
            continue
        field = owner.fields.get(selection.name)
        if field is not None and _is_external(use, owner, field):
            continue
        target_type = use.subgraph.schema.types.get(named(field.type)) if field else None
        if target_type is not None and selection.selections:
            yield from _resolved_here(use, target_type, selection.selections)
        else:
            yield f"{owner.name}.{selection.name}"


def _is_external(use: FieldSetUse, owner: Type, field: Field) -> bool:
    if use.facts.is_external(owner, field):
        return True
    if owner.kind is not Kind.INTERFACE:
        return False
    return any(
        field.name in entry.fields and entry.fields[field.name].has("external")
        for entry in use.subgraph.schema.implementations(owner.name)
    )
