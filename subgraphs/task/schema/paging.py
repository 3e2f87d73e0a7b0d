"""How lists become Relay connections. Invariant: a cursor is the id of the entry it stands behind, in its own list."""

from collections.abc import Callable
from typing import Protocol, TypeVar
from uuid import UUID

from kit.errors import DomainError
from kit.graphql import Connection, connection, decode_cursor, encode_cursor, page_request
from kit.ids import parse_id
from subgraphs.task.service.ports import Page, Window


class _Entry(Protocol):
    @property
    def id(self) -> UUID: ...


EntryT = TypeVar("EntryT", bound=_Entry)
NodeT = TypeVar("NodeT")


def page_of(name: str, first: int | None, after: str | None) -> Window:
    """The window that the arguments ask for.

    Raises:
        DomainError: invalid `first`, CURSOR_INVALID.
    """
    wanted = page_request(first, after)
    if wanted.after is None:
        return Window(wanted.first)
    (text,) = decode_cursor(name, wanted.after, str)
    position = parse_id(str(text))
    if position is None:
        raise DomainError.of("CURSOR_INVALID", "The cursor does not belong to this list.")
    return Window(wanted.first, position)


def list_of(name: str, page: Page[EntryT], node: Callable[[EntryT], NodeT], after: str | None) -> Connection[NodeT]:
    """The page as a connection."""
    return connection(
        page.items,
        node=node,
        cursor=lambda entry: encode_cursor(name, str(entry.id)),
        has_more=page.has_next,
        after=after,
    )
