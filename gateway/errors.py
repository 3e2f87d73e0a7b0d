"""Coded problems that the engine reports about its inputs: composition errors and hints.

Invariant: plain immutable data that a person and a program can both read; nothing here is raised.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in one subgraph's SDL; lines and columns count from 1."""

    subgraph: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CompositionError:
    """Why a set of subgraphs has no supergraph. `code` is an entry of the composition catalogue."""

    code: str
    message: str
    subgraphs: tuple[str, ...] = ()
    locations: tuple[SourceLocation, ...] = ()


@dataclass(frozen=True, slots=True)
class CompositionHint:
    """Something that composes but deserves a look. `coordinate` names the schema element, if there is one."""

    code: str
    message: str
    coordinate: str | None = None
    subgraphs: tuple[str, ...] = ()
    locations: tuple[SourceLocation, ...] = ()
