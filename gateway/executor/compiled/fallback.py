"""Chooses between a fast form of generated code and the one that takes whatever comes.

The strict form subscripts and gives up on the first missing key. Missing keys come in spells (a subgraph is down, a
type has fewer fields), so after giving up it is left alone for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

ResultT = TypeVar("ResultT")

REST = 100  # runs for which the strict form is left alone after it gave up


class StrictFirst(Generic[ResultT]):
    """Runs `strict`, or `tolerant` where that met a missing key; other surprises are the caller's."""

    __slots__ = ("_resting", "_strict", "_tolerant")

    def __init__(self, strict: Callable[[Any], ResultT], tolerant: Callable[[Any], ResultT]) -> None:
        self._strict = strict
        self._tolerant = tolerant
        self._resting = 0

    def __call__(self, data: Any) -> ResultT:
        if self._resting:
            self._resting -= 1
            return self._tolerant(data)
        try:
            return self._strict(data)
        except KeyError:
            self._resting = REST
            return self._tolerant(data)
