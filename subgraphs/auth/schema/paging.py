"""Owns how the lists of this subgraph are paged: by the time-ordered id of what stands in them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from kit.graphql import decode_cursor
from kit.ids import parse_id

First = Annotated[int | None, strawberry.argument(description="How many, 1 to 100; 50 when not said.")]
After = Annotated[str | None, strawberry.argument(description="The cursor behind which the page starts.")]


def position(list_name: str, cursor: str | None) -> UUID | None:
    """The id behind which a page starts. Raises CURSOR_INVALID."""
    if cursor is None:
        return None
    (text,) = decode_cursor(list_name, cursor, str)
    value = parse_id(str(text))
    if value is None:
        decode_cursor(list_name, "")  # refuses it as it refuses any other altered cursor
    return value
