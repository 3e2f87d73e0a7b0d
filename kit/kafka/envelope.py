"""Owns how an event looks in Kafka: CloudEvents attributes in headers, camelCase JSON as value, aggregate id as key.

The type of an event is the name of its topic, its subject is the key: whoever reads one has the other.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from kit.errors import DomainError
from kit.ids import new_id
from kit.telemetry import traceparent
from proto.events import Payload

Headers = tuple[tuple[str, bytes], ...]
PayloadT = TypeVar("PayloadT", bound=Payload)

LARGEST_DATA = 900_000
"""Bytes of data that fit into Kafka's largest record together with key, headers and those of a dead letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One event."""

    id: UUID
    type: str
    source: str
    time: datetime
    subject: str
    tenant: UUID | None
    data: bytes
    traceparent: str | None = None

    @classmethod
    def of(
        cls,
        payload: Payload,
        *,
        source: str,
        subject: object,
        tenant: UUID | None,
        time: datetime,
        event_id: UUID | None = None,
    ) -> Envelope:
        """The event of a payload, in the current trace. Raises `DomainError` when it is too large to be sent."""
        data = payload.encode()
        if len(data) > LARGEST_DATA:
            raise DomainError.of("BAD_INPUT", "The change is too large to be announced.", bytes=len(data))
        return cls(
            id=event_id or new_id(),
            type=payload.TOPIC,
            source=source,
            time=time,
            subject=str(subject),
            tenant=tenant,
            data=data,
            traceparent=traceparent(),
        )

    @property
    def key(self) -> bytes:
        return self.subject.encode()

    def headers(self) -> Headers:
        attributes = [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(self.id).encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_time", self.time.astimezone(UTC).isoformat().encode()),
            ("ce_subject", self.subject.encode()),
            ("content-type", b"application/json"),
        ]
        if self.tenant is not None:
            attributes.append(("ce_tenant", str(self.tenant).encode()))
        if self.traceparent is not None:
            attributes.append(("traceparent", self.traceparent.encode()))
        return tuple(attributes)

    @classmethod
    def read(cls, headers: Iterable[tuple[str, bytes]], value: bytes | None) -> Envelope:
        """Raises `DomainError` EVENT_MALFORMED that names what is wrong."""
        try:
            return _read({name: content.decode() for name, content in headers}, value)
        except KeyError as error:
            raise DomainError.of("EVENT_MALFORMED", f"Header {error.args[0]} is missing.") from None
        except (ValueError, AttributeError) as error:
            raise DomainError.of("EVENT_MALFORMED", f"A header cannot be read: {error}") from None

    def payload(self, cls: builtins.type[PayloadT]) -> PayloadT:
        """The data as its payload. Raises `DomainError` EVENT_MALFORMED when it does not fit."""
        try:
            return cls.decode(self.data)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()[:5]
            )
            raise DomainError.of("EVENT_MALFORMED", f"The data does not fit {cls.TOPIC}: {wrong}") from None


def _read(text: dict[str, str], value: bytes | None) -> Envelope:
    if value is None:
        raise ValueError("the record has no value")
    time = datetime.fromisoformat(text["ce_time"])
    if time.tzinfo is None:
        raise ValueError("ce_time has no zone")
    return Envelope(
        id=UUID(text["ce_id"]),
        type=text["ce_type"],
        source=text["ce_source"],
        time=time,
        subject=text["ce_subject"],
        tenant=UUID(text["ce_tenant"]) if "ce_tenant" in text else None,
        data=value,
        traceparent=text.get("traceparent"),
    )
