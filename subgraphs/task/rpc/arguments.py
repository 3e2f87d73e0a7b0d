"""How arguments are read. Invariant: whatever a worker sends becomes a value of the domain or a typed refusal."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from kit.errors import DomainError
from kit.ids import parse_id
from kit.rpc import current_caller
from subgraphs.task.errors import invalid

_SERVICES = frozenset({"worker"})


def read_service() -> str:
    """The name of the calling service.

    Raises:
        DomainError: FORBIDDEN for anybody but a worker.
    """
    caller = current_caller()
    if caller.actor is not None or caller.service not in _SERVICES:
        raise DomainError.of("FORBIDDEN", "Only workers may call this.")
    return caller.service


def read_id(field: str, text: str) -> UUID:
    """The id.

    Raises:
        DomainError: invalid, naming the field.
    """
    value = parse_id(text)
    if value is None:
        raise invalid(field, f"{field} is not an id")
    return value


def read_time(field: str, timestamp: Timestamp) -> datetime:
    """The time in UTC.

    Raises:
        DomainError: invalid, naming the field.
    """
    try:
        return timestamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise invalid(field, f"{field} is out of range") from None


def stamp(time: datetime) -> Timestamp:
    """The time as it is sent."""
    timestamp = Timestamp()
    timestamp.FromDatetime(time)
    return timestamp
