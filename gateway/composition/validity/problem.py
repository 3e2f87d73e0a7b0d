"""What a rule finds."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import Node


@dataclass(frozen=True, slots=True)
class Problem:
    """A message for people and the place it speaks of."""

    message: str
    node: Node | None = None
