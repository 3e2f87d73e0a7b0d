"""Composition as one pure function: subgraphs in, a supergraph or coded errors out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.composition import extensions, fed1_upgrade, rules, satisfiability, spellings, supergraph_rules
from gateway.composition.allocation import uncollected
from gateway.composition.api_schema import api_schema
from gateway.composition.intake import SubgraphInput, take_in
from gateway.composition.merge.run import merge
from gateway.composition.merge.state import Merge
from gateway.composition.merge.strategies import TooManyAlternatives
from gateway.composition.report import Report
from gateway.composition.subgraph import Subgraph
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
    with uncollected():
        return _compose(subgraphs)


def _compose(subgraphs: Iterable[SubgraphInput]) -> Composition:
    report = Report()
    merged = _merged(subgraphs, report)
    if merged is None or report.errors:
        return Composition(None, None, (), tuple(report.errors))
    spellings.settle_ids(merged.schema)
    api = api_schema(merged.schema, machinery=merged.specified)
    sdl = print_schema(_in_alphabetical_order(merged.schema))
    return Composition(sdl, print_schema(api, schema_block=False), tuple(report.hints), ())


def _in_alphabetical_order(schema: Schema) -> Schema:
    schema.types = dict(sorted(schema.types.items(), key=_alphabetical))
    schema.definitions = dict(sorted(schema.definitions.items(), key=_alphabetical))
    return schema


def _merged(inputs: Iterable[SubgraphInput], report: Report) -> Merge | None:
    """The stages up to the merged schema; each runs only when the ones before found no error."""
    subgraphs = take_in(inputs, report)
    for subgraph in subgraphs:
        if subgraph.fed1:
            rules.check_roots(subgraph)
        else:
            rules.check(subgraph)
    if not report.errors:
        _upgrade(subgraphs, report)
    if report.errors:
        return None
    extensions.check(subgraphs, report, fed1=False)
    try:
        merged = merge(subgraphs, report)
        supergraph_rules.check(merged)
    except TooManyAlternatives:
        message = "Scopes or policies of several subgraphs have too many alternatives at once. Ask for fewer."
        report.error("AUTH_REQUIREMENTS_TOO_COMPLEX", message)
        return None
    if not report.errors:
        satisfiability.check(merged)
    return merged


def _upgrade(subgraphs: list[Subgraph], report: Report) -> None:
    extensions.check(subgraphs, report, fed1=True)
    fed1_upgrade.upgrade(subgraphs)
    failed = {name for error in report.errors for name in error.subgraphs}
    for subgraph in subgraphs:
        if subgraph.fed1 and subgraph.name not in failed:
            rules.check(subgraph)


def _alphabetical(entry: tuple[str, object]) -> tuple[str, str]:
    return entry[0].lower(), entry[0].swapcase()
