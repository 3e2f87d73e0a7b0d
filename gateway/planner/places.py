"""Owns the places that a fetch graph is built along, and who fetches which value there.

Invariant: a place's path leads to its objects whatever their types; `types` says which of them are meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.graph.nodes import Node
from gateway.planner.nodes import OnTypes, Path
from gateway.planner.parts import is_within
from gateway.planner.scope import Scope, Types, below


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Objects of the response as one node of the query graph sees them. `above`: the place whose field leads here."""

    node: Node
    scope: Scope
    path: Path = ()
    types: Types = None
    above: Place | None = None

    @property
    def guarded(self) -> Path:
        """The path to the objects of the place's types only."""
        return self.path if self.types is None else (*self.path, OnTypes(self.types))

    def narrowed(self, node: Node, types: Types) -> Place:
        """The same objects as another node sees them, or those of some types."""
        return Place(node, self.scope, self.path, types, self.above)

    def child(self, node: Node, source: str, printed_type: str) -> Place:
        """The objects under a key."""
        return Place(node, self.scope.child(source), below(self.guarded, source, printed_type), None, self)


class Producers:
    """Which step fetches a value, by place and key, and for which deferred part."""

    def __init__(self) -> None:
        self._steps: dict[tuple[Scope, str], list[tuple[Types, int, str]]] = {}

    def note(self, scope: Scope, source: str, types: Types, number: int, part: str) -> None:
        """A step fetches the value for objects of the types."""
        self._steps.setdefault((scope, source), []).append((types, number, part))

    def find(self, scope: Scope, source: str, type_name: str, part: str) -> int | None:
        """The first step that fetches the value for objects of a type, of those that a step of a part may wait for."""
        for types, number, made_for in self._steps.get((scope, source), ()):
            if (types is None or type_name in types) and is_within(part, made_for):
                return number
        return None
