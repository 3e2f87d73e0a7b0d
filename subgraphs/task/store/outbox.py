"""Rows of events that wait to be sent.

Invariant: an event is written in the commit of the change that it tells of, under the lock of its task, so the rows of
one key commit in the order of `seq`, and rows of different keys owe each other no order. Rows are found by being there
and are deleted once the broker has them, never by a position, so a transaction that commits late is not skipped.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from kit.kafka import Envelope
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.changes import TaskChange
from subgraphs.task.domain.comments import CommentChange

Event: TypeAlias = TaskChange | CommentChange | Announcement
Encode: TypeAlias = Callable[[Event], Envelope]
"""Turns a domain event into the event that is sent."""

_INSERT = """
INSERT INTO outbox (id, topic, key, tenant, time, traceparent, data)
SELECT * FROM unnest(${0}::uuid[], ${1}::text[], ${2}::text[], ${3}::uuid[], ${4}::timestamptz[], ${5}::text[],
                     ${6}::bytea[])
"""
_COLUMNS = 7


def insert_events(first: int) -> str:
    """The part of a statement that writes events, whose parameters begin at number `first`."""
    return _INSERT.format(*range(first, first + _COLUMNS))


class Outbox:
    """The events of one transaction."""

    __slots__ = ("_encode", "keys")

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self.keys: set[str] = set()

    def columns(self, events: Sequence[Event]) -> tuple[list[object], ...]:
        """The parameters of `insert_events`."""
        rows = [self._encode(event) for event in events]
        self.keys.update(row.subject for row in rows)
        return (
            [row.id for row in rows],
            [row.type for row in rows],
            [row.subject for row in rows],
            [row.tenant for row in rows],
            [row.time for row in rows],
            [row.traceparent for row in rows],
            [row.data for row in rows],
        )
