"""Owns the keys under which values stand in the merged data, place by place.

Two values must not share a key at one place: not the same field under two argument sets, and not, in one document, two
types that GraphQL refuses to merge. Invariant: the first claimant of a response key gets that key, later ones that
conflict an internal alias; in one part of the answer a value has one key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.graph.selection import Field
from gateway.planner.nodes import Items, Key, Path
from gateway.planner.parts import is_within

Asker = tuple[str, str]  # a subgraph and the deferred part it is asked for: what one document may hold
Types = frozenset[str] | None  # concrete types a value stands for; None: every object at the place


@dataclass(slots=True, eq=False)
class Claim:
    """One value at a place: who asked, for objects of which types, and how each asker types it."""

    source: str
    response_key: str
    identity: tuple[str, str]
    types: Types
    shapes: dict[Asker, str] = field(default_factory=dict)


class Scope:
    """One place in the response."""

    __slots__ = ("_children", "_claims", "typename_known")

    def __init__(self) -> None:
        self._claims: dict[str, list[Claim]] = {}
        self._children: dict[str, Scope] = {}
        self.typename_known = False

    def claim(self, selected: Field, types: Types, asker: Asker, printed_type: str, composite: bool) -> str:
        """The key for a value; asked again for the same value it answers the same."""
        shape = merging_shape(printed_type, composite)
        number = 0
        while True:
            source = selected.response_key if number == 0 else f"_{selected.response_key}_{number}"
            claims = self._claims.setdefault(source, [])
            if all(_compatible(known, selected, types, asker, shape) for known in claims):
                self._record(claims, source, selected, types, asker, shape)
                return source
            number += 1

    def _record(
        self, claims: list[Claim], source: str, selected: Field, types: Types, asker: Asker, shape: str
    ) -> None:
        for known in claims:
            if (known.identity, known.response_key, known.types) == (selected.identity, selected.response_key, types):
                known.shapes.setdefault(asker, shape)
                return
        claims.append(Claim(source, selected.response_key, selected.identity, types, {asker: shape}))

    def source(self, response_key: str, identity: tuple[str, str], type_name: str | None, part: str) -> str | None:
        """The key that holds a value for objects of a type, as a part of the answer knows it: the one that was claimed
        for that part, or for the nearest around it; None when nobody fetches the value.
        """
        held = [
            claim
            for claims in self._claims.values()
            for claim in claims
            if claim.response_key == response_key and claim.identity == identity and _applies(claim, type_name)
        ]
        return max(held, key=lambda claim: _nearness(claim, part)).source if held else None

    def holding(self, wanted: Field, type_name: str) -> list[str]:
        """The keys of a value under whatever response keys, that under its own name first."""
        claims = [claim for claims in self._claims.values() for claim in claims if _applies(claim, type_name)]
        held = [claim for claim in claims if claim.identity == wanted.identity]
        return [claim.source for claim in sorted(held, key=lambda each: each.response_key != wanted.response_key)]

    def child(self, source: str) -> Scope:
        """The place that a key leads to."""
        if source not in self._children:
            self._children[source] = Scope()
        return self._children[source]

    def show(self, indent: str = "") -> list[str]:
        """Lines for dumps."""
        lines: list[str] = []
        for source, claims in self._claims.items():
            for claim in claims:
                on = "" if claim.types is None else f" on {'|'.join(sorted(claim.types))}"
                lines.append(f"{indent}{source} = {claim.response_key}: {claim.identity[0]}{claim.identity[1]}{on}")
            if source in self._children:
                lines += self._children[source].show(indent + "  ")
        return lines


def below(path: Path, source: str, printed_type: str) -> Path:
    """The path of a field's objects, with a step for each list level."""
    return (*path, Key(source), *(Items() for _ in range(printed_type.count("["))))


def _applies(claim: Claim, type_name: str | None) -> bool:
    return claim.types is None or type_name is None or type_name in claim.types


def _nearness(claim: Claim, part: str) -> int:
    return max((len(around) for _, around in claim.shapes if is_within(part, around)), default=-1)


def _compatible(known: Claim, selected: Field, types: Types, asker: Asker, shape: str) -> bool:
    overlap = known.types is None or types is None or known.types & types
    if overlap and known.identity != selected.identity:
        return False
    if overlap and known.response_key != selected.response_key:
        return False
    return known.shapes.get(asker, shape) == shape


def merging_shape(printed_type: str, composite: bool) -> str:
    """What must agree for two selections to merge: for objects only how lists and nulls nest."""
    if not composite:
        return printed_type
    return "".join(character for character in printed_type if character in "[]!")
