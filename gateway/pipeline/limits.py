"""Bounds on a client's document, checked before anything that costs more than reading it.

Fragments are measured once and their measures reused, so that a document of nested spreads costs no more than its
size. A spread that leads back to itself is refused here, since it has no size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.pipeline.answer import RequestRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a document may hold. Counts are over the document with its fragments spread out.

    `repetitions` are pairs of selections that validation must compare: fields under one response key, and spreads
    side by side. Their number grows with the square of a document's size. `entries` bounds what lists within lists ask
    for (`entries.py`), where the subgraphs page their lists by `first` and `last`.
    """

    characters: int = 256 * 1024
    tokens: int = 15_000
    depth: int = 40
    fields: int = 20_000
    aliases: int = 500
    root_fields: int = 100
    directives: int = 500
    repetitions: int = 20_000
    entries: int | None = None


@dataclass(slots=True)
class _Measure:
    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0

    def add(self, other: _Measure) -> None:
        self.depth = max(self.depth, other.depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.roots += other.roots


def check_limits(document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> None:
    """Raises RequestRefused for a document over one of the limits."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    measures: dict[str, _Measure | None] = {}
    measure = _measure(operation.selection_set, fragments, measures)
    measure.directives += len(operation.directives or ())
    for name in fragments:
        _measure_fragment(name, fragments, measures)
    _refuse_over("depth", measure.depth, limits.depth)
    _refuse_over("fields", measure.fields, limits.fields)
    _refuse_over("aliases", measure.aliases, limits.aliases)
    _refuse_over("directives", measure.directives, limits.directives)
    _refuse_over("root_fields", measure.roots, limits.root_fields)
    _refuse_over("repetitions", _repetitions([operation.selection_set], fragments), limits.repetitions)


def _refuse_over(what: str, found: int, limit: int) -> None:
    if found > limit:
        words = what.replace("_", " ")
        raise RequestRefused.of(f"MAX_{what.upper()}_EXCEEDED", f"The operation is over the limit of {words}.")


def _measure(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], done: dict[str, _Measure | None]
) -> _Measure:
    total = _Measure()
    for node in selections.selections:
        total.directives += len(node.directives or ())
        if isinstance(node, FieldNode):
            inner = _measure(node.selection_set, fragments, done) if node.selection_set else _Measure()
            inner.depth += 1
            inner.fields += 1
            inner.aliases += node.alias is not None
            inner.roots = 1
            total.add(inner)
        elif isinstance(node, InlineFragmentNode):
            total.add(_measure(node.selection_set, fragments, done))
        elif isinstance(node, FragmentSpreadNode):
            total.add(_measure_fragment(node.name.value, fragments, done))
    return total


def _measure_fragment(
    name: str, fragments: Mapping[str, FragmentDefinitionNode], done: dict[str, _Measure | None]
) -> _Measure:
    if name not in done:
        done[name] = None
        fragment = fragments.get(name)
        done[name] = _measure(fragment.selection_set, fragments, done) if fragment else _Measure()
    measure = done[name]
    if measure is None:
        raise RequestRefused.of("GRAPHQL_VALIDATION_FAILED", f"Cannot spread fragment {name!r} within itself.")
    return measure


def _repetitions(sets: list[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """Pairs to compare in selection sets that are merged into one, and below. The sets are of bounded size here."""
    by_key: dict[str, list[SelectionSetNode]] = {}
    counts: dict[str, int] = {}
    spreads: set[str] = set()
    for node in _fields(sets, fragments, spreads):
        key = node.alias.value if node.alias else node.name.value
        counts[key] = counts.get(key, 0) + 1
        if node.selection_set is not None:
            by_key.setdefault(key, []).append(node.selection_set)
    total = _pairs(len(spreads)) + sum(map(_pairs, counts.values()))
    return total + sum(_repetitions(inner, fragments) for inner in by_key.values())


def _fields(
    sets: list[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode], spreads: set[str]
) -> Iterator[FieldNode]:
    """The fields of the sets with fragments spread out, each fragment once; `spreads` collects their names."""
    for selections in sets:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from _fields([node.selection_set], fragments, spreads)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spreads:
                spreads.add(node.name.value)
                fragment = fragments.get(node.name.value)
                if fragment is not None:
                    yield from _fields([fragment.selection_set], fragments, spreads)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
