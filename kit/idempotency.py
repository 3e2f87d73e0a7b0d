"""Owns what a request under an idempotency key is: a client repeats it until it hears the answer, and it is done once.

One key covers every mutation field of a document. A service keeps, in the commit of each field's effect, the answer
under (owner, key, field) with the fingerprint of the whole request: a repetition gets the answer that was kept, another
request with the same key is refused, and one whose first run is still under way waits for it or is told so. A refused
request keeps nothing: it may be repeated with the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from kit.errors import DomainError, invalid

KEY_HEADER = "idempotency-key"
"""The HTTP header of clients, handed on by the gateway."""
FINGERPRINT_HEADER = "taskflow-request-fingerprint"
"""What the gateway makes of the whole request (document, operation, variables), in hexadecimal."""
KEPT = timedelta(hours=24)
"""How long a client may repeat its request."""
KEPT_FOR_SERVICES = timedelta(days=90)
"""How long a service of ours may: a workflow goes on after an outage of any length that we survive."""
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """What the headers of a request say: the same for all of its fields."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """One field of a request under a key."""

    owner: str
    key: str
    field: str
    fingerprint: bytes
    kept: timedelta = KEPT


class AlreadyAnswered(Exception):
    """An earlier run of the same request did this; whatever this run began must be rolled back. Holds the answer."""

    def __init__(self, answer: object) -> None:
        super().__init__("the request was answered before")
        self.answer = answer


def request_key(key: str | None, fingerprint: str | None) -> RequestKey | None:
    """What the two headers say; None when no key was sent.

    Raises:
        DomainError: BAD_INPUT for a key that is none, or one that came without a fingerprint.
    """
    if key is None:
        return None
    if not fingerprint:
        raise invalid("An idempotency key came without the fingerprint of its request.", idempotencyKey="fingerprint")
    try:
        return RequestKey(key=checked_key(key), fingerprint=bytes.fromhex(fingerprint))
    except ValueError:
        raise invalid("The fingerprint of the request is not hexadecimal.", idempotencyKey="fingerprint") from None


def checked_key(key: str) -> str:
    """The key. Raises DomainError BAD_INPUT when it is none."""
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        reason = f"An idempotency key has 1 to {LONGEST_KEY} printable ASCII characters"
        raise invalid(reason + ".", idempotencyKey=reason)
    return key


def mismatch(key: str) -> DomainError:
    """The key was used for another request."""
    return DomainError.of("IDEMPOTENCY_MISMATCH", "The idempotency key was used before with another request.", key=key)


def in_progress(key: str) -> DomainError:
    """The first run of the request is still under way."""
    return DomainError.of(
        "IDEMPOTENCY_IN_PROGRESS", "The first request with this idempotency key is still running.", key=key
    )
