"""Owns the refusals of this subgraph, so that one situation reads the same wherever it is met."""

from __future__ import annotations

from datetime import timedelta

from kit.errors import DomainError, invalid

__all__ = [
    "already_member",
    "contended",
    "credentials_invalid",
    "email_taken",
    "field_invalid",
    "forbidden",
    "invitation_expired",
    "invitation_used",
    "last_owner",
    "mail_token_invalid",
    "not_found",
    "password_weak",
    "refresh_reused",
    "role_in_use",
    "role_name_taken",
    "session_ended",
    "signed_out",
    "slug_taken",
    "token_expired",
    "token_invalid",
    "too_many_attempts",
    "too_many_roles",
]


def field_invalid(name: str, problem: str) -> DomainError:
    return invalid(f"The value of {name} {problem}.", **{name: problem})


def password_weak(problem: str) -> DomainError:
    return DomainError.of("PASSWORD_WEAK", f"The password {problem}.", password=problem)


def not_found(what: str) -> DomainError:
    return DomainError.of("NOT_FOUND", f"There is no such {what}.")


def forbidden(message: str) -> DomainError:
    return DomainError.of("FORBIDDEN", message)


def signed_out() -> DomainError:
    return DomainError.of("UNAUTHENTICATED", "Log in first.")


def credentials_invalid() -> DomainError:
    return DomainError.of("CREDENTIALS_INVALID", "E-mail address and password do not belong together.")


def too_many_attempts(wait: timedelta) -> DomainError:
    seconds = max(1, round(wait.total_seconds()))
    return DomainError.of("RATE_LIMITED", "Too many attempts; wait before the next one.", retryAfter=seconds)


def token_invalid() -> DomainError:
    return DomainError.of("TOKEN_INVALID", "The token is not valid here.")


def token_expired() -> DomainError:
    return DomainError.of("TOKEN_EXPIRED", "The token's life is over.")


def session_ended() -> DomainError:
    return DomainError.of("SESSION_ENDED", "The session is over; log in again.")


def refresh_reused() -> DomainError:
    return DomainError.of("REFRESH_REUSED", "The refresh token was used before; its session is revoked.")


def email_taken() -> DomainError:
    return DomainError.of("EMAIL_TAKEN", "An account with this e-mail address exists.")


def slug_taken(slug: str) -> DomainError:
    return DomainError.of("SLUG_TAKEN", "A workspace with this slug exists.", slug=slug)


def role_name_taken() -> DomainError:
    return DomainError.of("EXISTS", "The workspace has a role of this name.", name="is taken")


def role_in_use(members: int) -> DomainError:
    message = "Members hold this role; say which role they are to have instead."
    return DomainError.of("PRECONDITION_FAILED", message, members=members)


def too_many_roles(most: int) -> DomainError:
    return DomainError.of("PRECONDITION_FAILED", f"A workspace has at most {most} roles of its own.", most=most)


def already_member() -> DomainError:
    return DomainError.of("EXISTS", "This person is a member of the workspace already.")


def invitation_used() -> DomainError:
    return DomainError.of("INVITATION_USED", "The invitation was already accepted or replaced.")


def invitation_expired() -> DomainError:
    return DomainError.of("INVITATION_EXPIRED", "The invitation was not accepted in time; ask for a new one.")


def mail_token_invalid() -> DomainError:
    message = "The link was used, was replaced by a newer one or is too old; ask for a new one."
    return DomainError.of("MAIL_TOKEN_INVALID", message)


def last_owner() -> DomainError:
    return DomainError.of("PRECONDITION_FAILED", "A workspace keeps at least one owner.")


def contended() -> DomainError:
    return DomainError.of("UNAVAILABLE", "Too many changes at once; try again.")
