"""Owns tokens that go out by mail and prove that whoever brings one reads mail to the address.

A token works once and for a time. There is one at a time for an address and a purpose: asking again replaces it, so the
link of an older mail is dead. Only the hash is kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from kit.ids import derive_id
from subgraphs.auth import errors
from subgraphs.auth.domain.users import UserId

MailTokenId = NewType("MailTokenId", UUID)

TOKEN_BYTES = 32


class Purpose(StrEnum):
    """What a token is good for."""

    PASSWORD_RESET = "password_reset"  # noqa: S105  # a purpose
    EMAIL_VERIFICATION = "email_verification"


LIVES = {Purpose.PASSWORD_RESET: timedelta(hours=1), Purpose.EMAIL_VERIFICATION: timedelta(days=7)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailToken:
    """What is known of the last token for an address and a purpose.

    An address without an account has a record like any other, so that asking takes as long; nobody holds its token.
    """

    id: MailTokenId
    purpose: Purpose
    email: str
    user_id: UserId | None
    token_hash: bytes = field(repr=False)
    expires_at: datetime
    used_at: datetime | None = None
    version: int = 1

    def used(self, now: datetime) -> tuple[MailToken, UserId]:
        """The record once its token was used, and whose it is.

        Raises MAIL_TOKEN_INVALID: used, replaced and too old are one answer.
        """
        if self.used_at is not None or now >= self.expires_at or self.user_id is None:
            raise errors.mail_token_invalid()
        return replace(self, used_at=now, version=self.version + 1), self.user_id


def mail_token_id(purpose: Purpose, email: str) -> MailTokenId:
    """The record of an address and a purpose is always the same one."""
    return MailTokenId(derive_id("mail-token", purpose.value, email))


def mail_token_hash(token: str) -> bytes:
    """What is stored and looked up in place of the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
