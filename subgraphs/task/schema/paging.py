"""How lists become Relay connections. Invariant: a cursor is the id of the entry it stands behind, in its own list."""

from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Protocol, TypeVar
from uuid import UUID

from kit.errors import DomainError
from kit.graphql import Connection, connection, decode_cursor, encode_cursor, page_request
from kit.ids import parse_id
from subgraphs.task.domain.queries import Sort, SortField, sort_value
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.ports import Page, Ranked, Window


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
        raise _refused()
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


def task_page_of(sort: Sort, first: int | None, after: str | None) -> Window:
    """The window of a list of tasks in that order.

    Raises:
        DomainError: invalid `first`, CURSOR_INVALID.
    """
    if sort.field is SortField.CREATED_AT:
        return page_of(_list_name(sort), first, after)
    wanted = page_request(first, after)
    if wanted.after is None:
        return Window(wanted.first)
    kind = int if sort.field is SortField.PRIORITY else str
    at, text = decode_cursor(_list_name(sort), wanted.after, kind, str)
    position = parse_id(str(text))
    if position is None:
        raise _refused()
    return Window(wanted.first, position, _time(str(at)) if sort.field in _TIMES else at)


def task_cursor(sort: Sort, task: Task) -> str:
    """The cursor of a task in that order."""
    if sort.field is SortField.CREATED_AT:
        return encode_cursor(_list_name(sort), str(task.id))
    value = sort_value(task, sort.field)
    at = value.isoformat() if isinstance(value, datetime) else value
    return encode_cursor(_list_name(sort), at if isinstance(at, int) else str(at), str(task.id))


def found_page_of(first: int | None, after: str | None) -> Window:
    """The window of a search.

    Raises:
        DomainError: invalid `first`, CURSOR_INVALID.
    """
    wanted = page_request(first, after)
    if wanted.after is None:
        return Window(wanted.first)
    rank, text = decode_cursor("search", wanted.after, str, str)
    position = parse_id(str(text))
    try:
        at = float.fromhex(str(rank))
    except (ValueError, OverflowError):
        raise _refused() from None
    if position is None or not isfinite(at):
        raise _refused()
    return Window(wanted.first, position, at)


def found_cursor(found: Ranked) -> str:
    """The cursor of what a search found; the rank is kept to its last bit."""
    return encode_cursor("search", found.rank.hex(), str(found.id))


def _list_name(sort: Sort) -> str:
    if sort == Sort():
        return "tasks"
    return f"tasks.{sort.field.lower()}.{'down' if sort.descending else 'up'}"


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise _refused() from None
    if time.tzinfo is None:
        raise _refused()
    return time


def _refused() -> DomainError:
    return DomainError.of("CURSOR_INVALID", "The cursor does not belong to this list.")


_TIMES = frozenset({SortField.DUE_AT, SortField.UPDATED_AT})
