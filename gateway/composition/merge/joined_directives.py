"""Directives that the supergraph keeps as data of `@join__directive`, one application for the subgraphs that agree."""

from __future__ import annotations

from gateway.composition.merge.state import Source
from gateway.language import directives
from gateway.language.literals import EnumLiteral, Literal, key
from gateway.language.schema import Applied, Element


def join_directives(target: Element, source: Source[Element]) -> None:
    """Adds a subgraph's applications to the merged element."""
    for entry in source.element.directives:
        joined = joined_name(entry)
        if joined is None:
            continue
        graph = EnumLiteral(source.subgraph.graph)
        same = next(
            (
                other
                for other in target.directives
                if other.name == "join__directive"
                and other.args["name"] == joined
                and key(other.args.get("args")) == key(dict(entry.args))
            ),
            None,
        )
        if same is not None and isinstance(graphs := same.args["graphs"], list):
            if graph not in graphs:
                graphs.append(graph)
            continue
        args: dict[str, Literal] = {"graphs": [graph], "name": joined, "args": dict(entry.args)}
        target.directives.append(Applied("join__directive", args))


def joined_name(entry: Applied) -> str | None:
    """The name under which `@join__directive` carries an application, if it does."""
    spec = directives.BY_NAME.get(entry.spec or "")
    return spec.joined_as if spec is not None else None
