"""Owns what one fetch selects, as a tree that grows while the fetch graph is built and merged.

Invariant: one entry per (key, condition) and one fragment per type, so merging two outputs never repeats a field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.graph.conditions import Condition
from gateway.graph.selection import Field
from gateway.supergraph.model import ContextArgument


@dataclass(slots=True, eq=False)
class OutputField:
    """A selected field: `source` is its response key in the subgraph's document. `contexts`: arguments from above."""

    source: str
    name: str
    arguments: str
    variables: frozenset[str]
    condition: Condition
    below: Output | None
    contexts: tuple[ContextArgument, ...] = ()


class Output:
    """Selections at one place of a fetch. `type_name`: the type that the subgraph has there."""

    __slots__ = ("fields", "fragments", "type_name", "typename")

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name
        self.fields: dict[tuple[str, Condition], OutputField] = {}
        self.fragments: dict[str, Output] = {}
        self.typename = False

    def add(
        self, selected: Field, source: str, target_type: str | None, contexts: tuple[ContextArgument, ...] = ()
    ) -> Output | None:
        """Selects a field; for a composite one gives the place below it."""
        slot = (source, selected.condition)
        known = self.fields.get(slot)
        if known is None:
            below = Output(target_type) if target_type is not None else None
            known = self.fields[slot] = OutputField(
                source, selected.name, selected.arguments, selected.variables, selected.condition, below, contexts
            )
        return known.below

    def on(self, type_name: str) -> Output:
        """The selections for one type only."""
        if type_name == self.type_name:
            return self
        if type_name not in self.fragments:
            self.fragments[type_name] = Output(type_name)
        return self.fragments[type_name]

    def merge(self, other: Output) -> None:
        """Takes in everything that another output of the same place selects."""
        self.typename |= other.typename
        for slot, theirs in other.fields.items():
            mine = self.fields.get(slot)
            if mine is None:
                self.fields[slot] = theirs
            elif mine.below is not None and theirs.below is not None:
                mine.below.merge(theirs.below)
        for type_name, fragment in other.fragments.items():
            self.on(type_name).merge(fragment)

    def selects_like(self, other: Output) -> bool:
        """Whether both select the same of the same type."""
        if self.fields.keys() != other.fields.keys() or self.fragments.keys() != other.fragments.keys():
            return False
        if (self.type_name, self.typename) != (other.type_name, other.typename):
            return False
        pairs = [(field.below, other.fields[slot].below) for slot, field in self.fields.items()]
        pairs += [(fragment, other.fragments[name]) for name, fragment in self.fragments.items()]
        return all(mine is theirs or (mine and theirs and mine.selects_like(theirs)) for mine, theirs in pairs)

    def __bool__(self) -> bool:
        return bool(self.fields) or self.typename or any(self.fragments.values())

    def walk(self) -> Iterator[OutputField]:
        """Every selected field at any depth."""
        for field in self.fields.values():
            yield field
            if field.below is not None:
                yield from field.below.walk()
        for fragment in self.fragments.values():
            yield from fragment.walk()
