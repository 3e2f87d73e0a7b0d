"""Says to a push service who sends (RFC 8292), with the key that browsers were given when they subscribed."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_LIFE = timedelta(hours=12)
_RENEWED = timedelta(hours=1)
_MOST_KNOWN = 1_000


class Vapid:
    """Signs for one key. `private_key` is its scalar as base64url, `contact` a mailto: or https: URL."""

    def __init__(self, private_key: str, contact: str) -> None:
        self._key = derive_private_key(int.from_bytes(_decoded(private_key)), SECP256R1())
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key = urlsafe_b64encode(point).rstrip(b"=").decode()
        self._contact = contact
        self._known: dict[str, tuple[datetime, str]] = {}

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header for an endpoint; one signature serves a push service for hours."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        known = self._known.get(audience)
        if known is None or known[0] <= now:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[audience] = (now + _RENEWED, self._sign(audience, now))
        return known[1]

    def _sign(self, audience: str, now: datetime) -> str:
        claims = {"aud": audience, "exp": int((now + _LIFE).timestamp()), "sub": self._contact}
        return f"vapid t={jwt.encode(claims, self._key, algorithm='ES256')}, k={self.public_key}"


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
