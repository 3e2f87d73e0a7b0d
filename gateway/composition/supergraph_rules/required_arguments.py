"""A `@requires` gives every argument that the subgraph which resolves the field asks for."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.facts import field_set
from gateway.composition.merge.state import Merge
from gateway.composition.subgraph import Subgraph
from gateway.language.literals import text
from gateway.language.schema import Applied, Kind, Schema, Type
from gateway.language.selections import FieldSelection, Selection
from gateway.language.type_refs import named


def check(merge: Merge) -> None:
    for subgraph in merge.subgraphs:
        for owner in subgraph.schema.of_kind(Kind.OBJECT):
            for field in owner.fields.values():
                for application in field.applied("requires"):
                    _check(merge, subgraph, owner, f"{owner.name}.{field.name}", application)


def _check(merge: Merge, subgraph: Subgraph, owner: Type, at: str, application: Applied) -> None:
    shown = text(application.args["fields"])
    for selected_on, selection in _fields(subgraph.schema, owner.name, field_set(application)):
        for other in merge.subgraphs:
            theirs = other.schema.field(selected_on, selection.name)
            if other is subgraph or theirs is None:
                continue
            for argument in theirs.args.values():
                if argument.required and argument.name not in selection.args:
                    merge.report.error(
                        "REQUIRES_INVALID_FIELDS",
                        f'[{subgraph.name}] On field "{at}", for @requires(fields: {shown}), '
                        f'no value for argument "{argument.name}" of "{selected_on}.{selection.name}", which subgraph '
                        f'"{other.name}" requires. Give one.',
                        [(subgraph.name, application.node), (other.name, argument.node)],
                    )
                    return


def _fields(schema: Schema, type_name: str, selections: tuple[Selection, ...]) -> Iterator[tuple[str, FieldSelection]]:
    owner = schema.types.get(type_name)
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            yield from _fields(schema, selection.condition or type_name, selection.selections)
        elif owner is not None and selection.name in owner.fields:
            yield type_name, selection
            yield from _fields(schema, named(owner.fields[selection.name].type), selection.selections)
