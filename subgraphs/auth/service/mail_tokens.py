"""Owns issuing and redeeming tokens that go out by mail, each as part of somebody's write."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from kit.clock import Clock
from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import MailTokenIssued
from subgraphs.auth.domain.mail_tokens import (
    LIVES,
    TOKEN_BYTES,
    MailToken,
    Purpose,
    mail_token_hash,
    mail_token_id,
)
from subgraphs.auth.domain.refresh import NewSecret
from subgraphs.auth.domain.users import User
from subgraphs.auth.service.ports import Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedTokens:
    """Issues and redeems."""

    clock: Clock
    new_secret: NewSecret

    async def issue(self, stores: Stores, purpose: Purpose, email: str, user: User | None) -> None:
        """Has a new token mailed to the address of a user; for nobody the same is written, and no mail.

        Raises UNAVAILABLE after a lost race.
        """
        token = base64.urlsafe_b64encode(self.new_secret(TOKEN_BYTES)).rstrip(b"=").decode()
        token_id = mail_token_id(purpose, email)
        known = await stores.mail_tokens.get(token_id)
        record = MailToken(
            id=token_id,
            purpose=purpose,
            email=email,
            user_id=None if user is None else user.id,
            token_hash=mail_token_hash(token),
            expires_at=self.clock.now() + LIVES[purpose],
            version=1 if known is None else known.version + 1,
        )
        happened = () if user is None else (MailTokenIssued(record=record, user=user, token=token),)
        write = stores.mail_tokens.add if known is None else stores.mail_tokens.save
        if not await write(record, *happened):
            raise errors.contended()

    async def holder(self, stores: Stores, purpose: Purpose, token: str) -> User:
        """Whose token it is, without using it up. Raises MAIL_TOKEN_INVALID."""
        _, user = await self._used(stores, purpose, token)
        return user

    async def redeem(self, stores: Stores, purpose: Purpose, token: str) -> User:
        """Uses a token up, once. Raises MAIL_TOKEN_INVALID."""
        used, user = await self._used(stores, purpose, token)
        if not await stores.mail_tokens.save(used):
            raise errors.mail_token_invalid()
        return user

    async def _used(self, stores: Stores, purpose: Purpose, token: str) -> tuple[MailToken, User]:
        record = await stores.mail_tokens.by_token(mail_token_hash(token))
        if record is None or record.purpose is not purpose:
            raise errors.mail_token_invalid()
        used, user_id = record.used(self.clock.now())
        user = await stores.users.get(user_id)
        if user is None:
            raise errors.mail_token_invalid()
        return used, user
