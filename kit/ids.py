"""Owns how ids are made: UUIDv7, which sort by creation time, and derived ids, which come out the same every time."""

from __future__ import annotations

import json
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

_NAMESPACE = UUID("6f0d4f3c-6c7e-5b0a-9d53-9f5f4f6b1f11")


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()


def derive_id(*parts: object) -> UUID:
    """The id that belongs to these parts: equal parts, equal id. For effects that may be repeated."""
    return uuid5(_NAMESPACE, json.dumps([str(part) for part in parts], ensure_ascii=False))


def parse_id(text: str) -> UUID | None:
    """The id written in its canonical form, or None: an odd spelling must not become a second name of a row."""
    try:
        value = UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
    return value if str(value) == text.lower() else None
