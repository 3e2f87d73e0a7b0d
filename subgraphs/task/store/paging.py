"""How rows of several lists become pages. Invariant: a page never depends on offsets, only on the last id seen, so rows
that come or go while somebody reads on neither repeat nor hide others."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar
from uuid import UUID

import asyncpg

from subgraphs.task.service.ports import Page, Window

T = TypeVar("T")


def page(rows: Sequence[asyncpg.Record], read: Callable[[asyncpg.Record], T], window: Window) -> Page[T]:
    """One list; it was asked for one row more than wanted, to know whether there are more."""
    return Page(tuple(read(row) for row in rows[: window.first]), len(rows) > window.first)


def pages(
    rows: Sequence[asyncpg.Record], read: Callable[[asyncpg.Record], T], parents: Collection[UUID], window: Window
) -> dict[UUID, Page[T]]:
    """The lists of several parents; each row names its own as `parent`."""
    of_parent: dict[UUID, list[asyncpg.Record]] = {parent: [] for parent in parents}
    for row in rows:
        of_parent[row["parent"]].append(row)
    return {parent: page(found, read, window) for parent, found in of_parent.items()}
