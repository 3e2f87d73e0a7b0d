"""Opaque cursors: the position behind an item in one named list.

A cursor grants nothing: every list filters by the caller's rights again, so an altered cursor can only move the start
of a list that the caller may read anyway. It is checked for its shape all the same, to give a clear error.
"""

from __future__ import annotations

import base64
import binascii

import orjson

from kit.errors import DomainError

_LONGEST = 512


def encode_cursor(list_name: str, *position: str | int) -> str:
    """The cursor of an item; `position` are the values of the columns that the list is sorted by."""
    return base64.urlsafe_b64encode(orjson.dumps([list_name, *position])).rstrip(b"=").decode()


def decode_cursor(list_name: str, text: str, *types: type[str] | type[int]) -> tuple[str | int, ...]:
    """The position of a cursor of this list. Raises DomainError CURSOR_INVALID."""
    try:
        if len(text) > _LONGEST:
            raise _refused()
        name, *position = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise _refused() from None
    fits = len(position) == len(types) and all(type(part) is kind for part, kind in zip(position, types, strict=True))
    if name != list_name or not fits:
        raise _refused()
    return tuple(position)


def _refused() -> DomainError:
    return DomainError.of("CURSOR_INVALID", "The cursor does not belong to this list.")
