"""How differing arguments of one non-repeatable directive become one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from gateway.language.directives.spec import Strategy
from gateway.language.literals import Literal

MAX_ALTERNATIVES = 500


class TooManyAlternatives(Exception):
    """Demands of many subgraphs at once have more alternatives than anybody means."""


def merge_values(strategy: Strategy, values: Sequence[Literal]) -> Literal:
    """The merged argument, or None when no subgraph gives it."""
    given = [value for value in values if value is not None]
    return _STRATEGIES[strategy](given) if given else None


def _maximum(values: Sequence[Literal]) -> Literal:
    return max((value for value in values if isinstance(value, int)), default=None)


def _conjunction_of_booleans(values: Sequence[Literal]) -> Literal:
    return all(value is True for value in values)


def _union(values: Sequence[Literal]) -> Literal:
    entries = (entry for value in values for entry in _listed(value))
    return list(dict.fromkeys(entry for entry in entries if isinstance(entry, str)))


def _alternatives(values: Sequence[Literal]) -> Literal:
    """Every subgraph's alternatives at once: one of each, without those that ask for more than another."""
    per_source = [[frozenset(map(str, _listed(entry))) for entry in _listed(value)] for value in values]
    demanding = [alternatives for alternatives in per_source if alternatives]
    return [list(entry) for entry in conjunction(demanding)] if demanding else []


def conjunction(per_source: Sequence[Sequence[frozenset[str]]]) -> list[tuple[str, ...]]:
    """Conjunction of disjunctions of conjunctions, minimal and sorted."""
    combined = {frozenset[str]()}
    for alternatives in per_source:
        combined = minimal({left | right for left, right in product(combined, alternatives)})
        if len(combined) > MAX_ALTERNATIVES:
            raise TooManyAlternatives
    return sorted((tuple(sorted(entry)) for entry in combined), key=lambda entry: (len(entry), entry))


def minimal(entries: set[frozenset[str]]) -> set[frozenset[str]]:
    return {entry for entry in entries if not any(other < entry for other in entries)}


def _listed(value: Literal) -> list[Literal]:
    return value if isinstance(value, list) else [value]


_STRATEGIES: dict[Strategy, Callable[[Sequence[Literal]], Literal]] = {
    Strategy.MAX: _maximum,
    Strategy.NULLABLE_MAX: _maximum,
    Strategy.NULLABLE_AND: _conjunction_of_booleans,
    Strategy.NULLABLE_UNION: _union,
    Strategy.CONJUNCTION: _alternatives,
}
