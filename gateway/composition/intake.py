"""The first stage: texts become completed subgraphs.

Invariant: what leaves this stage without an error has root types under their default names and every federation
directive recognised.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLSyntaxError, Source, parse

from gateway.composition import definition_rules, definitions, links, spellings, validity, versions
from gateway.composition.merge.fields import FEDERATION_FIELDS
from gateway.composition.report import Report
from gateway.composition.subgraph import Subgraph
from gateway.errors import CompositionError, SourceLocation
from gateway.language import type_refs
from gateway.language.reading import Conflict, read
from gateway.language.schema import ROOT_NAMES, Schema

MAX_TOKENS = 2_000_000  # of one document; a larger one is refused instead of filling the memory


@dataclass(frozen=True, slots=True)
class SubgraphInput:
    """What composition is given of each subgraph."""

    name: str
    sdl: str
    url: str = ""


def take_in(inputs: Iterable[SubgraphInput], report: Report) -> list[Subgraph]:
    """Sound subgraphs in the order of their names; the others are reported and left out."""
    ordered = sorted(inputs, key=lambda entry: entry.name)
    _check_names(ordered, report)
    subgraphs = [_subgraph(entry, report) for entry in ordered] if not report.errors else []
    taken = [subgraph for subgraph in subgraphs if subgraph is not None]
    for subgraph, graph in zip(taken, _graph_names(taken), strict=True):
        subgraph.graph = graph
    return taken


def _check_names(ordered: Sequence[SubgraphInput], report: Report) -> None:
    for name, count in Counter(entry.name for entry in ordered).items():
        if count > 1:
            message = f'A subgraph named "{name}" already exists. Give every subgraph its own name.'
            report.error("INVALID_SUBGRAPH_NAME", message, [(name, None)])
        if not name or name.startswith("__"):
            message = f'"{name}" cannot name a subgraph: a name is not empty and does not start with "__".'
            report.error("INVALID_SUBGRAPH_NAME", message, [(name, None)])


def _graph_names(subgraphs: Sequence[Subgraph]) -> list[str]:
    """Values of `join__Graph`: upper case, without odd characters, numbered where several would be equal."""
    plain = []
    for subgraph in subgraphs:
        text = re.sub(r"[^A-Z0-9_]", "_", subgraph.name.upper())
        text = f"_{text}" if text[0].isdigit() else text
        plain.append(f"{text}_" if text[-1].isdigit() and re.search(r"_\d+$", text) else text)
    counts, seen, found = Counter(plain), Counter[str](), []
    for text in plain:
        seen[text] += 1
        found.append(f"{text}_{seen[text]}" if counts[text] > 1 else text)
    return found


def _subgraph(entry: SubgraphInput, report: Report) -> Subgraph | None:
    document = _parse(entry, report)
    if document is None:
        return None
    schema, conflicts = read(document)
    subgraph = Subgraph(entry.name, entry.url or "", schema, report)
    before = len(report.errors)
    _report(subgraph, [conflict for conflict in conflicts if conflict.of_definitions])
    if len(report.errors) == before:
        subgraph.links = links.resolve(schema.directives, lambda code, text, node: subgraph.error(code, text, node))
    if len(report.errors) == before:
        versions.settle_version(subgraph)
    if len(report.errors) == before:
        _report(subgraph, conflicts)
        if not subgraph.fed1:
            validity.check_own_references(subgraph)
    if len(report.errors) == before:
        given = definitions.complete(subgraph)
        if len(report.errors) > before:
            validity.check_directives_known(subgraph)
        elif validity.check_references(subgraph):
            _settle(subgraph, given)
    return subgraph if len(report.errors) == before else None


def _settle(subgraph: Subgraph, given: definitions.Given) -> None:
    """The steps that need every mentioned type to exist."""
    errors = subgraph.report.errors
    before = len(errors)
    validity.check_roots(subgraph)
    definition_rules.judge(subgraph, given)
    if len(errors) > before:
        validity.check_directives_known(subgraph)
        return
    _rename_roots(subgraph.schema)
    if subgraph.fed1:
        _drop_federation_fields(subgraph.schema)
    validity.check(subgraph)
    if len(errors) == before:
        spellings.settle(subgraph.schema)


def _report(subgraph: Subgraph, conflicts: Iterable[Conflict]) -> None:
    for conflict in conflicts:
        subgraph.error("INVALID_GRAPHQL", conflict.message, conflict.node)


def _parse(entry: SubgraphInput, report: Report) -> DocumentNode | None:
    try:
        return parse(Source(entry.sdl, entry.name), max_tokens=MAX_TOKENS)
    except GraphQLSyntaxError as error:
        places = tuple(SourceLocation(entry.name, location.line, location.column) for location in error.locations or ())
        report.errors.append(
            CompositionError("INVALID_GRAPHQL", f"[{entry.name}] {error.message}", (entry.name,), places)
        )
    except RecursionError:
        report.error("INVALID_GRAPHQL", f"[{entry.name}] the document is nested too deeply", [(entry.name, None)])
    return None


def _rename_roots(schema: Schema) -> None:
    """Where another type has the default name both keep theirs, for the rules to refuse."""
    for operation, default in ROOT_NAMES.items():
        name = schema.roots.get(operation)
        if name is None and default in schema.types:
            schema.roots[operation] = default
        elif name is not None and name != default and name in schema.types and default not in schema.types:
            _rename(schema, name, default)
            schema.roots[operation] = default


def _drop_federation_fields(schema: Schema) -> None:
    """Federation 1 libraries printed what every subgraph answers; what they said of it does not matter."""
    query = schema.root("query")
    if query is None:
        return
    for name in FEDERATION_FIELDS:
        query.fields.pop(name, None)


def _rename(schema: Schema, old: str, new: str) -> None:
    schema.types = {new if name == old else name: owner for name, owner in schema.types.items()}
    schema.types[new].name = new
    for owner in schema.types.values():
        owner.members = {new if name == old else name: node for name, node in owner.members.items()}
        for field in owner.fields.values():
            if type_refs.named(field.type) == old:
                field.type = type_refs.renamed(field.type, new)
