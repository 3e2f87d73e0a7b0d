"""Owns the one error that crosses layers: raised in a domain or service, translated once at each edge.

Anything that is not a `DomainError` is a fault of ours: edges mask it as INTERNAL with a trace id.
"""

from __future__ import annotations

from typing import Any

import orjson

from proto.codes import CATALOGUE, Kind

__all__ = ["RETRYABLE", "DomainError", "Kind", "invalid", "unavailable"]

RETRYABLE = frozenset({Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.CONFLICT, Kind.LIMITED})
"""Kinds that may go away without anybody changing the request: consumers and activities try these again."""


class DomainError(Exception):
    """An expected refusal. The message is safe to show; `fields` are values a client can act on."""

    def __init__(self, kind: Kind, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.message = message
        self.fields = fields

    def __repr__(self) -> str:
        return f"DomainError({self.kind}, {self.code}, {self.message!r})"

    @property
    def retryable(self) -> bool:
        return self.kind in RETRYABLE

    def json_fields(self) -> dict[str, Any]:
        """The fields as plain JSON values (ids and times become text)."""
        plain: dict[str, Any] = orjson.loads(orjson.dumps(self.fields, default=str))
        return plain

    @classmethod
    def of(cls, code: str, message: str, **fields: Any) -> DomainError:
        """An error of the catalogue, whose kind follows from its code. Raises `KeyError` for an unknown code."""
        return cls(CATALOGUE[code].kind, code, message, **fields)


def invalid(message: str, **fields: Any) -> DomainError:
    """BAD_INPUT; `fields` map the offending input names to what is wrong with them."""
    return DomainError(Kind.INVALID, "BAD_INPUT", message, **fields)


def unavailable(message: str, **fields: Any) -> DomainError:
    """UNAVAILABLE: something this depends on is down."""
    return DomainError(Kind.UNAVAILABLE, "UNAVAILABLE", message, **fields)
