"""Merging directive applications of every element, and the descriptions beside them.

Invariant: only composed directives reach the supergraph: built-in ones, those of the federation specification that
name a supergraph feature, and those named by `@composeDirective`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.composition.merge.compose_directive import ComposedDirective
from gateway.composition.merge.coordinates import coordinates
from gateway.composition.merge.descriptions import merge_description
from gateway.composition.merge.directive_names import Names
from gateway.composition.merge.joined_directives import join_directives
from gateway.composition.merge.sharing import interface_objects
from gateway.composition.merge.state import Merge, Source, names
from gateway.composition.merge.strategies import merge_values
from gateway.language import directives
from gateway.language.built_in_directives import BUILT_IN_DIRECTIVES
from gateway.language.directives.spec import DirectiveSpec, Strategy
from gateway.language.literals import Literal, arguments, key
from gateway.language.schema import Applied, Element, Kind

BUILT_IN = ("deprecated", "specifiedBy")
AUTH = ("authenticated", "requiresScopes", "policy")


@dataclass(frozen=True, slots=True)
class _Kept:
    """One application that may be merged: under its supergraph name."""

    subgraph: str
    name: str
    spec: str | None
    args: dict[str, Literal]


class DirectiveMerger:
    """Merges the applications of all annotated elements."""

    def __init__(self, merge: Merge, chosen: Names, composed: Mapping[str, ComposedDirective]) -> None:
        self.merge, self.names, self.composed = merge, chosen, composed
        self.coordinates = coordinates(merge)

    def run(self) -> None:
        """Interfaces come last: their authorization follows from their implementations."""
        for target, sources in self.merge.annotated:
            coordinate = self.coordinates.get(id(target), target.name)
            merge_description(self.merge, target, sources, coordinate)
            abstracted = [entry for entry in self._kept(self._abstracted(coordinate, sources)) if entry.spec in AUTH]
            self._merge(target, coordinate, [*self._kept(sources), *abstracted])
            for source in sources:
                join_directives(target, source)
        self._authorize_interfaces()

    def _abstracted(self, coordinate: str, sources: Sequence[Source[Element]]) -> Iterator[Source[Element]]:
        """The same field on `@interfaceObject`s that stand for the type: what it demands holds here too."""
        owner_name, _, field_name = coordinate.partition(".")
        owner = self.merge.schema.types.get(owner_name)
        if owner is None or owner.kind is not Kind.OBJECT or field_name not in owner.fields:
            return
        given = {id(source.element) for source in sources}
        for subgraph, standing in interface_objects(self.merge, owner):
            field_ = standing.fields.get(field_name)
            if field_ is not None and id(field_) not in given:
                yield Source(subgraph, field_)

    def _kept(self, sources: Iterable[Source[Element]]) -> Iterator[_Kept]:
        for source in sources:
            for entry in source.element.directives:
                spec = directives.BY_NAME.get(entry.spec or "")
                if spec is not None:
                    if spec.composed and spec.name != "fromContext":
                        args = _context_args(source, entry) if spec.name == "context" else entry.args
                        yield _Kept(source.subgraph.name, self.names.chosen[spec.name], spec.name, args)
                elif entry.name in BUILT_IN or (
                    (composed := self.composed.get(entry.name)) and source.subgraph.name in composed.subgraphs
                ):
                    yield _Kept(source.subgraph.name, entry.name, None, entry.args)

    def _merge(self, target: Element, coordinate: str, kept: Sequence[_Kept]) -> None:
        for name in dict.fromkeys(entry.name for entry in kept):
            group = [entry for entry in kept if entry.name == name]
            defaults = self._defaults(group[0])
            variants = {key({**defaults, **entry.args}): entry for entry in reversed(group)}
            if self._is_repeatable(group[0]) or len(variants) == 1:
                target.directives += [_applied(entry, entry.args) for entry in variants.values()]
            else:
                target.directives.append(self._single(coordinate, group))

    def _defaults(self, entry: _Kept) -> dict[str, Literal]:
        """What an application says without saying it."""
        spec = directives.BY_NAME.get(entry.spec or "")
        if spec is not None:
            return {argument.name: argument.default for argument in spec.arguments if argument.has_default}
        built_in = BUILT_IN_DIRECTIVES.get(entry.name)
        definition = built_in or self.composed[entry.name].definition
        return {argument.name: argument.default for argument in definition.args.values() if argument.has_default}

    def _is_repeatable(self, entry: _Kept) -> bool:
        if entry.spec is not None:
            return directives.BY_NAME[entry.spec].repeatable_since is not None
        return entry.name in self.composed and self.composed[entry.name].definition.repeatable

    def _single(self, coordinate: str, group: Sequence[_Kept]) -> Applied:
        spec = directives.BY_NAME.get(group[0].spec or "")
        if spec and spec.composed and spec.composed.strategies:
            return self._by_strategy(coordinate, group, spec, spec.composed.strategies)
        counts: dict[str, list[_Kept]] = {}
        for entry in group:
            counts.setdefault(key(dict(entry.args)), []).append(entry)
        best = max(counts.values(), key=len)
        self.merge.report.hint(
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f'Non-repeatable directive @{group[0].name} is applied to "{coordinate}" with different arguments. The '
            f"supergraph uses {arguments(best[0].args.items()) or 'no arguments'} of "
            f"{names([entry.subgraph for entry in best])}.",
            coordinate,
            [(entry.subgraph, None) for entry in group],
        )
        return _applied(best[0], best[0].args)

    def _by_strategy(
        self, coordinate: str, group: Sequence[_Kept], spec: DirectiveSpec, strategies: Mapping[str, Strategy]
    ) -> Applied:
        shown = ", ".join(f"{name}: {strategy.value}" for name, strategy in strategies.items())
        self.merge.report.hint(
            "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f'Directive @{group[0].name} is applied to "{coordinate}" with different arguments, merged by: {shown}.',
            coordinate,
            [(entry.subgraph, None) for entry in group],
        )
        defaults = {argument.name: argument.default for argument in spec.arguments}
        merged = {
            name: merge_values(strategy, [entry.args.get(name, defaults[name]) for entry in group])
            for name, strategy in strategies.items()
        }
        return _applied(group[0], {name: value for name, value in merged.items() if value is not None})

    def _authorize_interfaces(self) -> None:
        schema = self.merge.schema
        for interface in schema.of_kind(Kind.INTERFACE):
            objects = [entry for entry in schema.implementations(interface.name) if entry.kind is Kind.OBJECT]
            self._authorize(interface, interface.name, objects)
            for member in interface.fields.values():
                fields = [entry.fields[member.name] for entry in objects if member.name in entry.fields]
                self._authorize(member, f"{interface.name}.{member.name}", fields)

    def _authorize(self, target: Element, coordinate: str, sources: Iterable[Element]) -> None:
        found = [entry for source in sources for entry in source.directives if entry.spec in AUTH]
        kept = [_Kept("", entry.name, entry.spec, entry.args) for entry in found]
        target.directives = [entry for entry in target.directives if entry.spec not in AUTH]
        self._merge(target, coordinate, kept)


def _applied(entry: _Kept, args: dict[str, Literal]) -> Applied:
    return Applied(entry.name, dict(args), entry.spec)


def _context_args(source: Source[Element], entry: Applied) -> dict[str, Literal]:
    return {"name": f"{source.subgraph.name}__{entry.args.get('name')}"}
