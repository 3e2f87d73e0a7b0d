"""Federation 1 subgraphs brought to the rules of federation 2.

Federation 1 had no @shareable, let extensions mark their keys @external and tolerated directives without effect; what
it meant is written out here. Invariant: an upgraded subgraph passes the federation 2 rules wherever it was sound in
federation 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.facts import Facts, field_set
from gateway.composition.subgraph import Subgraph
from gateway.language.literals import EnumLiteral, Literal
from gateway.language.schema import Applied, Field, Kind, Schema, Type
from gateway.language.selections import FieldSelection, FragmentSelection, Selection, print_selections
from gateway.language.type_refs import named


def upgrade(subgraphs: Sequence[Subgraph]) -> None:
    """Upgrades the federation 1 ones in place; the others are looked at for what they share."""
    old = [subgraph for subgraph in subgraphs if subgraph.fed1]
    if not old:
        return
    for subgraph in old:
        _fields_to_text(subgraph.schema)
        _undo_interfaces(subgraph.schema)
        _undo_extensions(subgraph, subgraphs)
        _prune_provides_and_requires(subgraph.schema)
        _remove_unused_externals(subgraph)
    facts = {subgraph.name: Facts(subgraph.schema) for subgraph in subgraphs}
    for subgraph in old:
        _drop_repeated_tags(subgraph, subgraphs, facts)
    shared = [(owner, field) for subgraph in old for owner, field in _resolved_elsewhere(subgraph, subgraphs, facts)]
    for _, field in shared:
        if not field.has("shareable"):
            field.directives.append(Applied("federation__shareable", spec="shareable"))


def _fields_to_text(schema: Schema) -> None:
    """Some libraries wrote field sets as lists or names."""
    for owner in schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for element in (owner, *owner.fields.values()):
            for application in element.directives:
                if application.spec in ("key", "requires", "provides") and "fields" in application.args:
                    application.args["fields"] = _text(application.args["fields"])


def _text(value: Literal) -> Literal:
    if isinstance(value, EnumLiteral):
        return str(value)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return " ".join(str(entry) for entry in value)
    return value


def _undo_interfaces(schema: Schema) -> None:
    """Keys and external fields meant nothing on interfaces."""
    for interface in schema.of_kind(Kind.INTERFACE):
        interface.drop("key")
        for field in interface.fields.values():
            for spec in ("external", "requires", "provides"):
                field.drop(spec)


def _undo_extensions(subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> None:
    """An extension alone defines its part of the type; its keys are resolved here, whatever is said."""
    for owner in subgraph.schema.of_kind(Kind.OBJECT):
        owner.drop("external")
        keyed = {entry.name for key in _keys(owner, subgraph, subgraphs) for entry in _fields(key)}
        for field in owner.fields.values():
            if field.name in keyed:
                field.drop("external")
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        if owner.extended and not owner.base:
            owner.extended, owner.base = False, True
            for entry in owner.directives:
                entry.extension = False


def _keys(owner: Type, subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> list[Applied]:
    """Keys by which an extension knows its type: its own or, where it has none, those of the other subgraphs."""
    extends = owner.has("extends") or (owner.extended and not owner.base)
    if owner.has("key"):
        return [key for key in owner.applied("key") if key.extension or extends]
    if not extends:
        return []
    others = [other.schema.types.get(owner.name) for other in subgraphs if other is not subgraph]
    return [key for other in others if other for key in other.applied("key")[:1]]


def _fields(key: Applied) -> list[FieldSelection]:
    return [entry for entry in field_set(key) if isinstance(entry, FieldSelection)]


def _prune_provides_and_requires(schema: Schema) -> None:
    """Leaves that are not external had no effect there; a directive without effect goes."""
    facts = Facts(schema)
    for owner in schema.of_kind(Kind.OBJECT):
        for field in owner.fields.values():
            target = schema.types.get(named(field.type))
            if field.has("provides") and (target is None or not target.is_composite):
                field.drop("provides")
            for application in [*field.applied("provides"), *field.applied("requires")]:
                selected_on = target if application.spec == "provides" else owner
                if selected_on is not None:
                    _prune(facts, selected_on, field, application)


def _prune(facts: Facts, owner: Type, field: Field, application: Applied) -> None:
    selections = field_set(application)
    kept = _external_part(facts, owner, selections)
    if not selections or kept == selections:
        return
    if kept:
        application.args["fields"] = print_selections(kept)
    else:
        field.directives.remove(application)


def _external_part(facts: Facts, owner: Type, selections: tuple[Selection, ...]) -> tuple[Selection, ...]:
    found: list[Selection] = []
    for selection in selections:
        if isinstance(selection, FragmentSelection):
            target = facts.schema.types.get(selection.condition or owner.name, owner)
            inner = _external_part(facts, target, selection.selections)
            if inner:
                found.append(FragmentSelection(selection.condition, inner, selection.directives))
            continue
        field = owner.fields.get(selection.name)
        if field is None or _is_external(facts, owner, field):
            found.append(selection)
            continue
        below = facts.schema.types.get(named(field.type))
        inner = _external_part(facts, below, selection.selections) if below is not None else ()
        if inner:
            found.append(FieldSelection(selection.name, selection.alias, selection.args, inner, selection.directives))
    return tuple(found)


def _is_external(facts: Facts, owner: Type, field: Field) -> bool:
    if facts.is_external(owner, field):
        return True
    if owner.kind is not Kind.INTERFACE:
        return False
    return any(
        field.name in entry.fields and facts.is_external(entry, entry.fields[field.name])
        for entry in facts.schema.implementations(owner.name)
    )


def _remove_unused_externals(subgraph: Subgraph) -> None:
    facts = Facts(subgraph.schema)
    for owner in subgraph.schema.of_kind(Kind.OBJECT):
        unused = [
            field
            for field in owner.fields.values()
            if facts.is_external(owner, field) and not facts.is_used(owner.name, field.name)
        ]
        for field in unused:
            del owner.fields[field.name]
        if unused and not owner.fields and owner.name != "Query":
            subgraph.error(
                "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
                f'Type "{owner.name}" contains only external fields, and no @key, @provides or @requires uses them. '
                "Remove the type from this subgraph.",
                owner.node,
            )


def _drop_repeated_tags(subgraph: Subgraph, subgraphs: Sequence[Subgraph], facts: dict[str, Facts]) -> None:
    """A tag on an external field is redundant where the resolving field has it too."""
    for owner in subgraph.schema.of_kind(Kind.OBJECT):
        for field in owner.fields.values():
            if not field.has("tag") or not facts[subgraph.name].is_external(owner, field):
                continue
            given = {
                entry.key()
                for other in subgraphs
                if other is not subgraph and (found := other.schema.field(owner.name, field.name))
                for entry in found.applied("tag")
            }
            field.directives = [entry for entry in field.directives if entry.spec != "tag" or entry.key() not in given]


def _resolved_elsewhere(
    subgraph: Subgraph, subgraphs: Sequence[Subgraph], facts: dict[str, Facts]
) -> list[tuple[Type, Field]]:
    """Fields of objects that other subgraphs declare as their own too; subscription fields stay exclusive."""
    found = []
    for owner in subgraph.schema.of_kind(Kind.OBJECT):
        if owner.name == subgraph.schema.roots.get("subscription"):
            continue
        others = [
            (other, other.schema.types[owner.name])
            for other in subgraphs
            if other is not subgraph and owner.name in other.schema.types
        ]
        keyed = owner.has("key") or subgraph.schema.is_root(owner.name)
        for field in owner.fields.values():
            resolving = any(
                field.name in theirs.fields
                and not facts[other.name].is_fully_external(theirs, theirs.fields[field.name])
                for other, theirs in others
            )
            meant = resolving if keyed else _is_in_definition(owner, field)
            if others and meant and not facts[subgraph.name].is_external(owner, field):
                found.append((owner, field))
    return found


def _is_in_definition(owner: Type, field: Field) -> bool:
    """Value types were the same everywhere as far as they were defined, not extended."""
    return owner.definition is None or field.declaration is owner.definition
