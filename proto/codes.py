"""Owns the catalogue of error codes (`extensions.code`): each code has one kind and one meaning, and is never reused.

The kind is closed and sets behaviour (HTTP status, gRPC status, retry); the code is open and is what clients match on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What the caller can do about an error."""

    INVALID = "invalid"
    PRECONDITION = "precondition"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    EXISTS = "exists"
    CONFLICT = "conflict"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the catalogue."""

    name: str
    kind: Kind
    meaning: str
    since: str = "0.1"


_ENTRIES = (
    Code("BAD_INPUT", Kind.INVALID, "A value is malformed or outside what the field accepts; `fields` names it."),
    Code("CURSOR_INVALID", Kind.INVALID, "A page cursor was altered or belongs to another list."),
    Code("DUE_DATE_IN_PAST", Kind.INVALID, "A due date must lie in the future when it is set."),
    Code("NOT_A_MEMBER", Kind.INVALID, "A person named is not a member of the workspace; `fields` says who."),
    Code("PASSWORD_WEAK", Kind.INVALID, "The password is too short, too long or among the commonly used ones."),
    Code("GRAPHQL_PARSE_FAILED", Kind.INVALID, "The document is not GraphQL."),
    Code("GRAPHQL_VALIDATION_FAILED", Kind.INVALID, "The document does not fit the schema."),
    Code("EVENT_MALFORMED", Kind.INVALID, "An event's headers or value do not fit its contract."),
    Code("IDEMPOTENCY_MISMATCH", Kind.INVALID, "The idempotency key was used before with another request."),
    Code("IDEMPOTENCY_IN_PROGRESS", Kind.CONFLICT, "The first request with this idempotency key is still running."),
    Code("PRECONDITION_FAILED", Kind.PRECONDITION, "The entity is not in a state that allows this."),
    Code("INVITATION_EXPIRED", Kind.PRECONDITION, "The invitation was not accepted in time."),
    Code("INVITATION_USED", Kind.PRECONDITION, "The invitation was already accepted or revoked."),
    Code("PROJECT_ARCHIVED", Kind.PRECONDITION, "The project is archived and takes no changes."),
    Code("PROJECT_DELETED", Kind.PRECONDITION, "The project is deleted; restore it first."),
    Code(
        "MAIL_TOKEN_INVALID", Kind.PRECONDITION, "The token of a mail was used, replaced, is too old or never was one."
    ),
    Code("DEPENDENCY_CYCLE", Kind.PRECONDITION, "A task would block itself or be its own subtask, over others."),
    Code("NOT_BREACHED", Kind.PRECONDITION, "The deadline is not breached, so there is nothing to acknowledge."),
    Code("SERIES_ENDED", Kind.PRECONDITION, "The recurrence has ended and cannot go on."),
    Code("TASK_DELETED", Kind.PRECONDITION, "The task is deleted; restore it first."),
    Code("UNAUTHENTICATED", Kind.UNAUTHENTICATED, "No caller could be established."),
    Code("CREDENTIALS_INVALID", Kind.UNAUTHENTICATED, "E-mail address and password do not belong together."),
    Code("TOKEN_INVALID", Kind.UNAUTHENTICATED, "The token is malformed, forged or meant for something else."),
    Code("TOKEN_EXPIRED", Kind.UNAUTHENTICATED, "The token's life is over; refresh it."),
    Code("SESSION_ENDED", Kind.UNAUTHENTICATED, "The session was logged out, revoked or has expired."),
    Code("REFRESH_REUSED", Kind.UNAUTHENTICATED, "A refresh token was used twice; all of its session is revoked."),
    Code("GATEWAY_REQUIRED", Kind.UNAUTHENTICATED, "A service was called without the gateway's credential."),
    Code("FORBIDDEN", Kind.FORBIDDEN, "The caller may see this but not do it."),
    Code("NOT_FOUND", Kind.NOT_FOUND, "It does not exist, or the caller may not know that it does."),
    Code("EXISTS", Kind.EXISTS, "Something with this name is already there."),
    Code("EMAIL_TAKEN", Kind.EXISTS, "An account with this e-mail address exists."),
    Code("SLUG_TAKEN", Kind.EXISTS, "A workspace with this slug exists."),
    Code("PROJECT_KEY_TAKEN", Kind.EXISTS, "A project with this key exists in the workspace."),
    Code("VERSION_CONFLICT", Kind.CONFLICT, "It changed since it was read; `fields` shows both values."),
    Code("RATE_LIMITED", Kind.LIMITED, "Too many requests; `retryAfter` says how many seconds to wait."),
    Code("SLOW_CONSUMER", Kind.LIMITED, "A subscription's events came faster than they were read; it has ended."),
    Code("EVENTS_LOST", Kind.PRECONDITION, "Events may be missing here and cannot be had any more: read afresh."),
    Code("UNAVAILABLE", Kind.UNAVAILABLE, "Something this depends on is down; the same request may be repeated."),
    Code("TIMEOUT", Kind.TIMEOUT, "No answer within the deadline; whether it took effect is unknown."),
    Code("INTERNAL", Kind.INTERNAL, "A fault of ours; `traceId` finds it in the logs."),
)

CATALOGUE: Mapping[str, Code] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
"""Every code by its name."""
