"""Joins paths of one call that differ in one type condition only, so that the data are walked once."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.planner.nodes import OnTypes, Path


def merge_paths(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The same places with as few paths as pairwise joining gives, in order of first appearance."""
    merged: list[Path] = []
    for path in paths:
        joined = path
        while True:
            at = next((index for index, known in enumerate(merged) if _join(known, joined) is not None), None)
            if at is None:
                break
            joined = _join(merged.pop(at), joined) or joined
        merged.append(joined)
    return tuple(merged)


def _join(left: Path, right: Path) -> Path | None:
    if len(left) != len(right):
        return None
    different = [at for at, (mine, theirs) in enumerate(zip(left, right, strict=True)) if mine != theirs]
    if not different:
        return left
    (at, *more) = different
    mine, theirs = left[at], right[at]
    if more or not isinstance(mine, OnTypes) or not isinstance(theirs, OnTypes):
        return None
    return (*left[:at], OnTypes(mine.names | theirs.names), *left[at + 1 :])
