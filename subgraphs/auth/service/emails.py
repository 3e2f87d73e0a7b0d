"""Owns the one form of an e-mail address: syntax checked without asking the network, whole address in lower case."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from subgraphs.auth import errors

_LONGEST = 254


def normalise(text: str) -> str | None:
    """The form under which an account is found, or None when no account can have it."""
    if len(text) > _LONGEST:
        return None
    try:
        # Reserved names such as example.test are nobody's business here: they fail when the mail is sent.
        checked = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.normalized.casefold()


def accept(text: str) -> str:
    """Raises BAD_INPUT."""
    email = normalise(text)
    if email is None:
        raise errors.field_invalid("email", "is not an e-mail address")
    return email
