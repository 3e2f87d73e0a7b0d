"""Owns a device that a user wants to be told on. A browser gives an endpoint once, so whoever named it last has it."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from kit.ids import derive_id

MOST_FOR_ONE = 20

_LONGEST_ENDPOINT = 2048
_POINT_BYTES = 65
_SECRET_BYTES = 16
_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """The endpoint of a push service with the keys of the one browser that can read what is sent there."""

    id: UUID
    user_id: UUID
    endpoint: str
    p256dh: bytes
    auth: bytes
    created_at: datetime

    @property
    def service(self) -> str:
        """Who runs the endpoint; the endpoint itself is a secret."""
        return urlsplit(self.endpoint).hostname or ""


def subscription_id(endpoint: str) -> UUID:
    return derive_id("push-subscription", endpoint)


def is_endpoint(text: str, *, plain: bool = False) -> bool:
    """Whether it is an absolute https URL that names a host and nobody's password; `plain` lets http pass as well."""
    if len(text) > _LONGEST_ENDPOINT or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    schemes = ("https", "http") if plain else ("https",)
    return bool(parts.scheme in schemes and parts.hostname and parts.username is None and port != 0)


def key_bytes(text: str) -> bytes | None:
    """The public key of a browser: an uncompressed point, as base64url with or without padding."""
    found = _decoded(text, _POINT_BYTES)
    return found if found is not None and found[0] == 4 and _is_on_curve(found) else None


def secret_bytes(text: str) -> bytes | None:
    """The secret of a browser, as base64url with or without padding."""
    return _decoded(text, _SECRET_BYTES)


def _decoded(text: str, length: int) -> bytes | None:
    if len(text) > 2 * _POINT_BYTES or not text.isascii():
        return None
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        return None
    return found if len(found) == length else None


def _is_on_curve(point: bytes) -> bool:
    """Whether an uncompressed point lies on P-256: a key that does not would only fail when something is sent."""
    x, y = int.from_bytes(point[1:33]), int.from_bytes(point[33:])
    return x < _PRIME and y < _PRIME and (y * y - x * x * x + 3 * x - _B) % _PRIME == 0
