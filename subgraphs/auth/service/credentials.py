"""Owns changing a password, resetting a forgotten one, and proving an e-mail address.

A new password ends every other session, in the same commit. Whether an address has an account is told to nobody who
asks for a mail: the answer, the limits and what is written are the same.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from kit.clock import Clock
from subgraphs.auth import errors
from subgraphs.auth.domain import passwords
from subgraphs.auth.domain.mail_tokens import Purpose
from subgraphs.auth.domain.sessions import Client, Ending, Session, SessionId
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.service import emails
from subgraphs.auth.service.mail_tokens import MailedTokens
from subgraphs.auth.service.ports import Attempts, Database, LiveSessions, PasswordHasher, Stores
from subgraphs.auth.service.revocation import drop_ended, end_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Use cases of passwords and of the proof of addresses."""

    database: Database
    live: LiveSessions
    hasher: PasswordHasher
    attempts: Attempts
    mailed: MailedTokens
    common_passwords: Container[str]
    clock: Clock

    async def change_password(
        self, actor: UserId, session_id: SessionId, current: str, wanted: str, client: Client
    ) -> list[Session]:
        """Gives the caller another password and ends all sessions but this one; says which.

        Raises BAD_INPUT for a wrong current password, PASSWORD_WEAK, RATE_LIMITED, SESSION_ENDED, UNAVAILABLE.
        """
        user = await self.database.users.get(actor)
        if user is None:
            raise errors.signed_out()
        plain = passwords.accept(wanted, user.email, self.common_passwords)
        await self.attempts.begin_login(user.email, client.address)
        if not await self.hasher.verify(user.password_hash, passwords.normalise(current) or ""):
            raise errors.field_invalid("currentPassword", "is not your password")
        await self.attempts.login_succeeded(user.email, client.address)
        hashed = await self.hasher.hash(plain)

        async def work(stores: Stores) -> list[Session]:
            changed = await self._with_password(stores, user, hashed)
            mine = await stores.sessions.get(session_id)
            if mine is None or mine.user_id != actor or not mine.alive(self.clock.now(), user.epoch):
                raise errors.session_ended()
            if not await stores.sessions.save(mine.of_epoch(changed.epoch)):
                raise errors.contended()
            return await end_open(stores, actor, Ending.PASSWORD_CHANGED, self.clock.now(), spare=session_id)

        ended = await self.database.atomically(work)
        await drop_ended(self.live, ended, Ending.PASSWORD_CHANGED)
        return ended

    async def request_reset(self, email: str, client: Client) -> None:
        """Has a link mailed, if the address has an account; there is no telling from here. Raises RATE_LIMITED."""
        account = emails.accept(email)
        await self.attempts.begin_mail(account, client.address)
        user = await self.database.users.by_email(account)
        await self.mailed.issue(self.database, Purpose.PASSWORD_RESET, account, user)

    async def reset_password(self, token: str, wanted: str, client: Client) -> list[Session]:
        """Gives the holder of a mailed token another password and ends all sessions; says which.

        The token also proves the address. Raises MAIL_TOKEN_INVALID, PASSWORD_WEAK (the token stays good then).
        """
        user = await self.mailed.holder(self.database, Purpose.PASSWORD_RESET, token)
        plain = passwords.accept(wanted, user.email, self.common_passwords)
        hashed = await self.hasher.hash(plain)

        async def work(stores: Stores) -> list[Session]:
            holder = await self.mailed.redeem(stores, Purpose.PASSWORD_RESET, token)
            await self._with_password(stores, holder, hashed, proves_address=True)
            return await end_open(stores, holder.id, Ending.PASSWORD_RESET, self.clock.now())

        ended = await self.database.atomically(work)
        await drop_ended(self.live, ended, Ending.PASSWORD_RESET)
        await self.attempts.login_succeeded(user.email, client.address)
        return ended

    async def _with_password(self, stores: Stores, known: User, hashed: str, *, proves_address: bool = False) -> User:
        """Raises UNAVAILABLE when the password was changed meanwhile."""
        user = await stores.users.get(known.id)
        if user is None or user.epoch != known.epoch:
            raise errors.contended()
        changed = user.with_password(hashed, proven_at=self.clock.now() if proves_address else None)
        if not await stores.users.save(changed):
            raise errors.contended()
        return changed

    async def request_verification(self, actor: UserId, client: Client) -> bool:
        """Has another link mailed to the caller; False when the address is proven already. Raises RATE_LIMITED."""
        user = await self.database.users.get(actor)
        if user is None:
            raise errors.signed_out()
        if user.email_verified_at is not None:
            return False
        await self.attempts.begin_mail(user.email, client.address)
        await self.mailed.issue(self.database, Purpose.EMAIL_VERIFICATION, user.email, user)
        return True

    async def verify_email(self, token: str) -> User:
        """Proves an address; nobody need be logged in. Raises MAIL_TOKEN_INVALID, UNAVAILABLE."""

        async def work(stores: Stores) -> User:
            user = await self.mailed.redeem(stores, Purpose.EMAIL_VERIFICATION, token)
            if user.email_verified_at is not None:
                return user
            proven = user.verified(self.clock.now())
            if not await stores.users.save(proven):
                raise errors.contended()
            return proven

        return await self.database.atomically(work)
