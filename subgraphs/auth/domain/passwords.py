"""Owns which passwords are accepted: 8 to 128 characters, never cut, none of the common ones, no composition rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Container

from subgraphs.auth import errors

SHORTEST = 8
LONGEST = 128


def normalise(password: str) -> str | None:
    """The form that is hashed: a password typed on two keyboards is one. None: it cannot be a password of ours."""
    if len(password) > LONGEST:  # before any work is done on it
        return None
    plain = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(plain) <= LONGEST or any("\ud800" <= letter <= "\udfff" for letter in plain):
        return None
    return plain


def accept(password: str, email: str, common: Container[str]) -> str:
    """The form to hash of a new password. Raises PASSWORD_WEAK."""
    if len(password) > LONGEST:
        raise errors.password_weak(f"is longer than {LONGEST} characters")
    plain = normalise(password)
    if plain is None:
        raise errors.password_weak(f"does not have {SHORTEST} to {LONGEST} characters")
    folded = plain.casefold()
    if folded in common or folded in (email, email.partition("@")[0]) or len(set(folded)) < 4:
        raise errors.password_weak("is too easy to guess")
    return plain
