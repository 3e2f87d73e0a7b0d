"""Collects what composition has to say, in the order it is found.

Invariant: every entry carries a code of the catalogue; an unknown code is a programming error and fails at once.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphql import Node

from gateway.composition.catalogue import ERRORS, HINTS
from gateway.errors import CompositionError, CompositionHint, SourceLocation

Place = tuple[str, Node | None]  # subgraph name, where in its document


class Report:
    """Errors and hints of one composition."""

    def __init__(self) -> None:
        self.errors: list[CompositionError] = []
        self.hints: list[CompositionHint] = []

    def error(self, code: str, message: str, places: Iterable[Place] = ()) -> None:
        """Adds an error; its subgraphs and locations come from the places."""
        subgraphs, locations = _where(places)
        self.errors.append(CompositionError(ERRORS[code].code, message, subgraphs, locations))

    def hint(self, code: str, message: str, coordinate: str | None = None, places: Iterable[Place] = ()) -> None:
        subgraphs, locations = _where(places)
        self.hints.append(CompositionHint(HINTS[code].code, message, coordinate, subgraphs, locations))


def _where(places: Iterable[Place]) -> tuple[tuple[str, ...], tuple[SourceLocation, ...]]:
    found = list(places)
    locations = tuple(
        SourceLocation(subgraph, node.loc.start_token.line, node.loc.start_token.column)
        for subgraph, node in found
        if node is not None and node.loc is not None
    )
    return tuple(dict.fromkeys(subgraph for subgraph, _ in found)), locations
