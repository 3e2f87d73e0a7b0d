"""Owns what happens to an event that cannot be processed: it is set aside whole, with the reason and where it stood.

A dead letter keeps key, value and headers of the original, so that a replay is the original event once more; headers
`dlq_*` tell the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit import failpoints
from kit.errors import DomainError, Kind
from kit.kafka.publisher import Publisher, Record
from kit.kafka.topics import dead_letter_topic

PREFIX = "dlq_"
_LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why and after how much trying an event was given up."""

    error: BaseException
    attempts: int
    first: datetime
    last: datetime

    @property
    def code(self) -> str:
        return self.error.code if isinstance(self.error, DomainError) else "INTERNAL"

    @property
    def reason(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"[:_LONGEST_REASON]


class DeadLetters:
    """The dead letter topics of one group."""

    def __init__(self, publisher: Publisher, group: str) -> None:
        self._publisher = publisher
        self._group = group

    async def put(self, record: Any, failure: Failure) -> None:
        """Returns when the dead letter is safe. Raises `DomainError` UNAVAILABLE: try again, the source must wait."""
        await failpoints.reach("dlq.before_publish")
        topic = dead_letter_topic(record.topic, self._group)
        headers = _original(record) + _about(record, failure, self._group)
        letter = Record(topic=topic, key=record.key, value=record.value, headers=headers)
        try:
            await self._publisher.send([letter])
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            # Too large together with the reason: the value stays where it stands, the letter says where that is.
            dropped = (*headers, (PREFIX + "value_dropped", b"true"))
            await self._publisher.send([Record(topic=topic, key=record.key, value=None, headers=dropped)])


def _original(record: Any) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value) for name, value in record.headers if not name.startswith(PREFIX))


def _about(record: Any, failure: Failure, group: str) -> tuple[tuple[str, bytes], ...]:
    about = {
        "reason": failure.reason,
        "code": failure.code,
        "group": group,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "attempts": failure.attempts,
        "first_failure": failure.first.isoformat(),
        "last_failure": failure.last.isoformat(),
    }
    return tuple((PREFIX + name, str(value).encode()) for name, value in about.items())
