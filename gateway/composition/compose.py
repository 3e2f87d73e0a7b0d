"""Composition as one pure function: subgraphs in, a supergraph or coded errors out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.composition import extensions, fed1_upgrade, rules, validity
from gateway.composition.api_schema import api_schema
from gateway.composition.intake import SubgraphInput, take_in
from gateway.composition.merge.run import merge
from gateway.composition.report import Report
from gateway.errors import CompositionError, CompositionHint
from gateway.language.printing import print_schema
from gateway.language.schema import Schema


@dataclass(frozen=True, slots=True)
class Composition:
    """The outcome: texts and hints, or errors; never both."""

    supergraph_sdl: str | None
    api_schema_sdl: str | None
    hints: tuple[CompositionHint, ...]
    errors: tuple[CompositionError, ...]


def compose(subgraphs: Iterable[SubgraphInput]) -> Composition:
    """Composes; bad input is answered with errors, nothing is raised."""
    report = Report()
    supergraph = _supergraph(subgraphs, report)
    if supergraph is None or report.errors:
        return Composition(None, None, (), tuple(report.errors))
    api = api_schema(supergraph, machinery=_scalars(supergraph))
    supergraph.types = dict(sorted(supergraph.types.items(), key=_alphabetical))
    supergraph.definitions = dict(sorted(supergraph.definitions.items(), key=_alphabetical))
    return Composition(
        print_schema(supergraph), print_schema(api, schema_block=False), tuple(report.hints), tuple(report.errors)
    )


def _supergraph(inputs: Iterable[SubgraphInput], report: Report) -> Schema | None:
    subgraphs = take_in(inputs, report)
    if report.errors:
        return None
    valid = [subgraph for subgraph in subgraphs if validity.check(subgraph)]
    baseless = Report()
    extensions.check(valid, baseless)
    fed1_upgrade.upgrade(valid)
    for subgraph in valid:
        rules.check(subgraph)
    if report.errors:
        return None
    report.errors += baseless.errors
    return merge(subgraphs, report).schema


def _alphabetical(entry: tuple[str, object]) -> tuple[str, str]:
    return entry[0].lower(), entry[0].swapcase()


def _scalars(supergraph: Schema) -> list[str]:
    """Scalars that the composed specifications brought along."""
    return [name for name, owner in supergraph.types.items() if "__" in name and not owner.directives]
