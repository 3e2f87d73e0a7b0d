"""What a federation directive's module declares: its definition by federation version and its way into the supergraph.

Invariant: a spec is data; nothing here looks at a schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from gateway.language.literals import Literal

OUTSIDE_FEDERATION = 1_000  # `since` of directives that only their own specification brings


class Strategy(Enum):
    """How differing values of one argument of a non-repeatable directive are merged."""

    MAX = "maximum"
    NULLABLE_MAX = "maximum of those given"
    NULLABLE_AND = "true when all agree"
    NULLABLE_UNION = "union of those given"
    CONJUNCTION = "every subgraph's alternatives at once"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. A type written `~Name` stands for the scalar `Name` in the feature's own namespace."""

    name: str
    type: str
    default: Literal = None
    has_default: bool = False
    since: int = 0


@dataclass(frozen=True, slots=True)
class Composed:
    """The feature that carries a directive in the supergraph. `order` is the place of its link."""

    feature: str
    version: str
    order: int
    purpose: str | None = None
    strategies: Mapping[str, Strategy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DirectiveSpec:
    """A directive of the federation specification; `since` counts minor versions of federation 2."""

    name: str
    locations: tuple[str, ...]
    arguments: tuple[Argument, ...] = ()
    since: int = 0
    repeatable_since: int | None = None
    later_locations: tuple[tuple[int, tuple[str, ...]], ...] = ()
    composed: Composed | None = None
    joined_as: str | None = None  # carried by `@join__directive` under this name instead of being composed

    def locations_at(self, minor: int) -> tuple[str, ...]:
        added = (locations for since, locations in self.later_locations if since <= minor)
        return self.locations + tuple(location for locations in added for location in locations)

    def arguments_at(self, minor: int) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if argument.since <= minor)

    def repeatable_at(self, minor: int) -> bool:
        return self.repeatable_since is not None and self.repeatable_since <= minor
