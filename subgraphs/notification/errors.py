"""The refusals of this subgraph that clients or operators see."""

from __future__ import annotations

from kit.errors import DomainError


def notification_not_found() -> DomainError:
    """There is none, or it stands in somebody else's inbox: the answer is the same."""
    return DomainError.of("NOT_FOUND", "There is no such notification.")


def inbox_not_found() -> DomainError:
    """An inbox is seen by its owner alone."""
    return DomainError.of("NOT_FOUND", "There is no such inbox.")


def invalid_address() -> DomainError:
    """The address itself is left out: reasons of dead letters are read by operators."""
    return DomainError.of("BAD_INPUT", "The invitation names something that is no mail address.", email="no address")


def person_unknown() -> DomainError:
    """The caller has a session and auth has no such person: only in the moment in which an account ends."""
    return DomainError.of("NOT_FOUND", "There is no such user.")


def push_is_off() -> DomainError:
    """The operator has given no key that browsers could be told."""
    return DomainError.of("PRECONDITION_FAILED", "This installation has no Web Push.")
