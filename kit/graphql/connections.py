"""Relay connections with keyset cursors: `edges`, `nodes` and `pageInfo`, forward only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import strawberry

from kit.errors import invalid

DEFAULT_PAGE = 50
LONGEST_PAGE = 100

NodeT = TypeVar("NodeT")
ItemT = TypeVar("ItemT")


@strawberry.federation.type(shareable=True, description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="An item of a list with its cursor.")
class Edge(Generic[NodeT]):
    cursor: str
    node: NodeT


@strawberry.type(description="A page of a list; `nodes` are the items of `edges`.")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]]
    page_info: PageInfo

    @strawberry.field(description="The items without their cursors.")  # type: ignore[untyped-decorator]  # overloads
    def nodes(self) -> list[NodeT]:
        return [edge.node for edge in self.edges]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A checked page request: `first` items (1 to 100) behind the cursor `after`."""

    first: int
    after: str | None


def page_request(first: int | None, after: str | None) -> PageRequest:
    """Raises DomainError BAD_INPUT for a size that is not between 1 and 100."""
    size = DEFAULT_PAGE if first is None else first
    if not 1 <= size <= LONGEST_PAGE:
        raise invalid(f"`first` must be between 1 and {LONGEST_PAGE}.", first=size)
    return PageRequest(size, after)


def connection(
    items: Iterable[ItemT],
    *,
    node: Callable[[ItemT], NodeT],
    cursor: Callable[[ItemT], str],
    has_more: bool,
    after: str | None = None,
) -> Connection[NodeT]:
    """The page that holds these items in their order."""
    edges = [Edge(cursor=cursor(item), node=node(item)) for item in items]
    info = PageInfo(
        has_next_page=has_more,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info)
