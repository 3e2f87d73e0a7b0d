"""`@override`: which declarations a field's other declarations take over.

Invariant: after `settle`, `Merge.overrides` says for both ends of every valid override what it does there.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from gateway.composition.merge.state import Merge, Override, Source
from gateway.composition.report import Place
from gateway.composition.subgraph import Subgraph
from gateway.language.literals import Literal
from gateway.language.schema import Field, Kind, Type

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*$")
_PERCENT = re.compile(r"percent\((\d{1,2}(\.\d{1,8})?|100)\)$")
_CONTRADICTIONS = ("requires", "provides", "external")


def settle(merge: Merge) -> None:
    """Judges every override and records its effect."""
    for subgraph in merge.subgraphs:
        for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
            for field in owner.fields.values():
                for application in field.applied("override"):
                    if not _is_misplaced(merge, subgraph, owner, field):
                        _Judgement(merge, subgraph, owner, field, application.args).settle()


def _is_misplaced(merge: Merge, subgraph: Subgraph, owner: Type, field: Field) -> bool:
    at = f'field "{owner.name}.{field.name}"'
    if owner.kind is Kind.INTERFACE:
        code, message = "OVERRIDE_ON_INTERFACE", f"@override cannot be used on interface {at}. Move it to objects."
    elif owner.has("interfaceObject"):
        code = "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"
        message = f'@override cannot be used on {at} of an @interfaceObject in subgraph "{subgraph.name}". Remove it.'
    else:
        return False
    merge.report.error(code, message, [(subgraph.name, field.node)])
    return True


class _Judgement:
    """One application of `@override`."""

    def __init__(self, merge: Merge, subgraph: Subgraph, owner: Type, field: Field, args: dict[str, Literal]) -> None:
        self.merge, self.subgraph, self.owner, self.field = merge, subgraph, owner, field
        self.origin = args.get("from")
        self.label = args.get("label") or None
        self.at = f"{owner.name}.{field.name}"
        self.coordinate = (owner.name, field.name)
        self.place: Place = (subgraph.name, field.node)

    def settle(self) -> None:
        source = self.merge.subgraph_named.get(str(self.origin))
        if self.origin == self.subgraph.name:
            self._error("OVERRIDE_FROM_SELF_ERROR", f'"{self.at}" in subgraph "{self.origin}" overrides itself.')
        elif source is None:
            self._unknown_subgraph()
        else:
            self._from(source)

    def _from(self, source: Subgraph) -> None:
        owner = source.schema.types.get(self.owner.name)
        field = owner.fields.get(self.field.name) if owner else None
        if owner is None or field is None:
            self._from_nothing(source)
            return
        facts = self.merge.facts[source.name]
        if field.has("override"):
            self._error(
                "OVERRIDE_SOURCE_HAS_OVERRIDE",
                f'Field "{self.at}" of subgraph "{self.subgraph.name}" is also marked with @override in subgraph '
                f'"{source.name}". Keep one of them.',
                (source.name, field.node),
            )
        elif self._collides(source, owner, field):
            return
        elif facts.is_external(owner, field):
            self._removable(f'it is marked @external in "{source.name}"')
            if self.label is not None:
                self.merge.overrides[self.coordinate, self.subgraph.name] = Override(label=str(self.label))
        else:
            self._check_label()
            self._record(source, facts.is_used(*self.coordinate))

    def _from_nothing(self, source: Subgraph) -> None:
        for interface in self.merge.schema.types[self.owner.name].interfaces:
            standing = source.schema.types.get(interface)
            if standing and standing.has("interfaceObject") and self.field.name in standing.fields:
                self._error(
                    "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                    f'Invalid @override on field "{self.at}" of subgraph "{self.subgraph.name}": "{source.name}" '
                    f'resolves it through the @interfaceObject "{interface}", which cannot be overridden.',
                )
                return
        self._removable(f'"{source.name}" no longer has it')

    def _collides(self, source: Subgraph, owner: Type, field: Field) -> bool:
        ends = ((self.subgraph, self.owner, self.field, ("external",)), (source, owner, field, _CONTRADICTIONS[:2]))
        for subgraph, holder, entry, contradictions in ends:
            facts = self.merge.facts[subgraph.name]
            for spec in contradictions:
                if entry.has(spec) or (spec == "external" and facts.is_external(holder, entry)):
                    self._error(
                        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                        f'@override cannot be used on field "{self.at}" of subgraph "{self.subgraph.name}" since '
                        f'"{self.at}" of "{subgraph.name}" is marked with @{spec}. Remove one of the two.',
                        (subgraph.name, entry.node),
                    )
                    return True
        return False

    def _check_label(self) -> None:
        label = self.label
        if label is None or (isinstance(label, str) and (_LABEL.match(label) or _PERCENT.match(label))):
            return
        self._error(
            "OVERRIDE_LABEL_INVALID",
            f'Invalid @override label "{label}" on field "{self.at}" of subgraph "{self.subgraph.name}": start with a '
            'letter and go on with letters, digits and _-:./ or write "percent(x)" with x from 0 to 100.',
        )

    def _record(self, source: Subgraph, used: bool) -> None:
        ends = self.merge.overrides
        if self.label is not None:
            ends[self.coordinate, source.name] = Override(label=str(self.label), origin=True, used=used)
            ends[self.coordinate, self.subgraph.name] = Override(label=str(self.label))
            self._hint(
                "OVERRIDE_MIGRATION_IN_PROGRESS",
                f'Field "{self.at}" is being migrated with a labelled @override. Afterwards, remove it from subgraph '
                f'"{source.name}".',
            )
            return
        ends[self.coordinate, source.name] = Override(overridden=True, used=used)
        reason = (
            "Consider removing it." if not used else "It is still used there: mark it @external or remove its uses."
        )
        self._hint(
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED", f'Field "{self.at}" on subgraph "{source.name}" is overridden. {reason}'
        )

    def _unknown_subgraph(self) -> None:
        close = get_close_matches(str(self.origin), [entry.name for entry in self.merge.subgraphs], n=1)
        advice = f' Did you mean "{close[0]}"?' if close else ""
        self._hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'Source subgraph "{self.origin}" for field "{self.at}" on subgraph "{self.subgraph.name}" does not exist.'
            f"{advice}",
        )

    def _removable(self, reason: str) -> None:
        self._hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            f'Field "{self.at}" on subgraph "{self.subgraph.name}" need not override: {reason}. Remove the @override.',
        )

    def _error(self, code: str, message: str, *more: Place) -> None:
        self.merge.report.error(code, message, [self.place, *more])

    def _hint(self, code: str, message: str) -> None:
        self.merge.report.hint(code, message, self.at, [self.place])


def gives_way(merge: Merge, owner: str, source: Source[Field]) -> bool:
    """Whether another subgraph takes the field over, for all requests or for those that a label chooses."""
    entry = merge.overrides.get(((owner, source.element.name), source.subgraph.name))
    return entry is not None and (entry.overridden or entry.origin)
