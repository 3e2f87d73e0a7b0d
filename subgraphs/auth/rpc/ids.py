"""Owns how ids are read from calls of other services."""

from __future__ import annotations

from uuid import UUID

from kit.ids import parse_id
from subgraphs.auth import errors


def known_id(what: str, text: str) -> UUID:
    """An id that cannot be one belongs to nothing. Raises NOT_FOUND."""
    value = parse_id(text)
    if value is None:
        raise errors.not_found(what)
    return value
