"""A field that reads other fields demands at least the authorization that they demand.

It reads them through `@requires` or `@fromContext`; callers could otherwise learn what they may not see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.composition.facts import field_set
from gateway.composition.merge.state import Merge
from gateway.composition.merge.strategies import conjunction
from gateway.composition.subgraph import Subgraph
from gateway.language.literals import Literal
from gateway.language.schema import Element, Field, Kind, Schema, Type
from gateway.language.selections import FieldSelection, InvalidSelection, Selection, parse_field_set, split_context
from gateway.language.type_refs import named


@dataclass(frozen=True, slots=True)
class Demands:
    """What an element demands: alternatives of scopes and of policies that must all hold; none means no demand."""

    authenticated: bool = False
    scopes: tuple[tuple[str, ...], ...] = ()
    policies: tuple[tuple[str, ...], ...] = ()

    def and_(self, other: Demands) -> Demands:
        return Demands(
            self.authenticated or other.authenticated,
            _both(self.scopes, other.scopes),
            _both(self.policies, other.policies),
        )

    def cover(self, other: Demands) -> bool:
        """Whether everybody who meets these meets the others."""
        return (
            (self.authenticated or not other.authenticated)
            and _implies(self.scopes, other.scopes)
            and _implies(self.policies, other.policies)
        )


def _both(left: tuple[tuple[str, ...], ...], right: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    sides = [[frozenset(entry) for entry in side] for side in (left, right) if side]
    return tuple(conjunction(sides)) if sides else ()


def _implies(given: tuple[tuple[str, ...], ...], wanted: tuple[tuple[str, ...], ...]) -> bool:
    if not wanted:
        return True
    return bool(given) and all(any(set(option) <= set(entry) for option in wanted) for entry in given)


def demands(element: Element | None) -> Demands:
    """The demands written on one merged element."""
    scopes: tuple[tuple[str, ...], ...] = ()
    policies: tuple[tuple[str, ...], ...] = ()
    authenticated = False
    for application in element.directives if element else ():
        if application.spec == "authenticated":
            authenticated = True
        elif application.spec == "requiresScopes":
            scopes = _alternatives(application.args.get("scopes"))
        elif application.spec == "policy":
            policies = _alternatives(application.args.get("policies"))
    return Demands(authenticated, scopes, policies)


def _alternatives(value: Literal) -> tuple[tuple[str, ...], ...]:
    outer = value if isinstance(value, list) else [value]
    return tuple(tuple(map(str, entry if isinstance(entry, list) else [entry])) for entry in outer)


def check(merge: Merge) -> None:
    for subgraph in merge.subgraphs:
        for owner in subgraph.schema.of_kind(Kind.OBJECT):
            for field in owner.fields.values():
                for directive, at, wanted in _read(merge, subgraph, owner, field):
                    if not _own(merge.schema, owner, field).cover(wanted):
                        _report(merge, subgraph, f"{owner.name}.{field.name}", at, directive, field)
                        break


def _own(schema: Schema, owner: Type, field: Field) -> Demands:
    merged = schema.field(owner.name, field.name)
    total = demands(schema.types.get(owner.name)).and_(demands(merged))
    return total.and_(demands(schema.types.get(named(field.type))))


def _read(merge: Merge, subgraph: Subgraph, owner: Type, field: Field) -> Iterator[tuple[str, str, Demands]]:
    for application in field.applied("requires"):
        for at, wanted in _selected(merge.schema, owner.name, field_set(application)):
            yield "requires", at, wanted
    for argument in field.args.values():
        for application in argument.applied("fromContext"):
            name, text = split_context(application.args.get("field"))
            for at, wanted in _from_context(merge, subgraph, name, text):
                yield "fromContext", at, wanted


def _from_context(merge: Merge, subgraph: Subgraph, name: str, text: str) -> Iterator[tuple[str, Demands]]:
    try:
        selections = parse_field_set(text)
    except InvalidSelection:
        return
    for setting in subgraph.schema.types.values():
        if any(entry.args.get("name") == name for entry in setting.applied("context")):
            yield f"context {name} of {setting.name}", demands(merge.schema.types.get(setting.name))
            yield from _selected(merge.schema, setting.name, selections)


def _selected(schema: Schema, type_name: str, selections: tuple[Selection, ...]) -> Iterator[tuple[str, Demands]]:
    owner = schema.types.get(type_name)
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            if selection.condition is not None:
                yield selection.condition, demands(schema.types.get(selection.condition))
            yield from _selected(schema, selection.condition or type_name, selection.selections)
            continue
        field = owner.fields.get(selection.name) if owner else None
        if field is None:
            continue
        target = named(field.type)
        yield f"{type_name}.{selection.name}", demands(field).and_(demands(schema.types.get(target)))
        yield from _selected(schema, target, selection.selections)


def _report(merge: Merge, subgraph: Subgraph, at: str, read: str, directive: str, field: Field) -> None:
    merge.report.error(
        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        f'[{subgraph.name}] Field "{at}" does not demand the @authenticated, @requiresScopes and @policy that "{read}" '
        f"demands, which it reads through @{directive}. Add them to the field.",
        [(subgraph.name, field.node)],
    )
