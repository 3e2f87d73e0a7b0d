"""One click ends mails of one kind for one person, without a login. The token in the link says whose and which, and is
signed; it can do nothing else, however often it is used.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from uuid import UUID

from kit.errors import DomainError
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import CATEGORIES, Channel, Preferences
from subgraphs.notification.service.preferences import Desk, change_preferences

DIGEST = "digest"

_SIGNATURE_BYTES = 16
_USER_BYTES = 16
_LONGEST = 200


class UnsubscribeTokens:
    """Makes and reads the tokens. They do not age: a mail may be read years later."""

    def __init__(self, secret: str) -> None:
        self._key = sha256(b"taskflow unsubscribe\0" + secret.encode()).digest()

    def make(self, user_id: UUID, kind: str) -> str:
        content = user_id.bytes + kind.encode()
        return urlsafe_b64encode(content + self._signature(content)).rstrip(b"=").decode()

    def read(self, token: str) -> tuple[UUID, str]:
        """Whose mails, and of which kind. Raises `DomainError` TOKEN_INVALID."""
        try:
            raw = urlsafe_b64decode(token[:_LONGEST] + "=" * (-len(token) % 4))
        except (Error, ValueError):
            raise _refused() from None
        content, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        if len(content) < _USER_BYTES or not hmac.compare_digest(signature, self._signature(content)):
            raise _refused()
        return UUID(bytes=content[:_USER_BYTES]), content[_USER_BYTES:].decode()

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, sha256)[:_SIGNATURE_BYTES]


async def unsubscribe(token: str, tokens: UnsubscribeTokens, desk: Desk) -> str:
    """Ends the mails that the token is about and says of which kind; a second time changes nothing.

    Raises:
        DomainError: TOKEN_INVALID when it was altered, or is about a kind that there is no more.
    """
    user_id, kind = tokens.read(token)
    category = next((known for known in CATEGORIES if known.value == kind), None)
    if category is None and kind != DIGEST:
        raise _refused()

    def end(current: Preferences) -> Preferences:
        if category is None:
            return current.without_digest()
        return current.choose(Category(category), Channel.EMAIL, False)

    await change_preferences(user_id, [end], desk)
    return kind


def _refused() -> DomainError:
    return DomainError.of("TOKEN_INVALID", "The link is not complete, or not one of ours.")
