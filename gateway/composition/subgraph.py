"""One subgraph on its way through composition.

Invariant: after completion every federation directive in `schema` carries its specification's name in `spec`, so later
stages never look at what a document chose to call it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import Node

from gateway.composition.links import Links
from gateway.composition.report import Report
from gateway.language.schema import Schema


@dataclass(slots=True, eq=False)
class Subgraph:
    """`minor` is the version of federation 2 it speaks; `fed1` says that it was written for federation 1."""

    name: str
    url: str
    schema: Schema
    report: Report
    links: Links = field(default_factory=Links)
    minor: int = 0
    implied_minor: int = 0  # at least `minor`; what the supergraph must be able to express
    fed1: bool = False
    graph: str = ""  # the value of join__Graph
    machinery: set[str] = field(
        default_factory=lambda: {"_Any", "_Service", "_Entity", "_FieldSet"}
    )  # types that are not merged

    def error(self, code: str, message: str, *nodes: Node | None) -> None:
        """Reports an error of this subgraph alone."""
        self.report.error(code, f"[{self.name}] {message}", [(self.name, node) for node in nodes or (None,)])
