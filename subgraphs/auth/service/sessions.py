"""Owns logging in, refreshing, logging out and proving a session.

A session is alive when its live index entry and its durable record both say so; doubt is a refusal. The durable record
is ended first, together with `session.revoked`, and the live entry goes at once; should that fail, the relay repeats it
before the event leaves. An entry that is gone is never put back: after a loss of the index people log in again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from kit.clock import Clock
from subgraphs.auth import errors
from subgraphs.auth.domain import passwords
from subgraphs.auth.domain.happenings import SessionRevoked
from subgraphs.auth.domain.memberships import Membership
from subgraphs.auth.domain.refresh import NewSecret, RefreshToken, Verdict, found
from subgraphs.auth.domain.sessions import NOWHERE, Client, Ending, Lives, Session, SessionId, expiry
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.service import emails
from subgraphs.auth.service.ports import AccessTokens, Attempts, Database, LiveSessions, NewId, PasswordHasher, Stores
from subgraphs.auth.service.revocation import drop_ended, drop_entries, end_open
from subgraphs.auth.service.trail import count_refresh, logged_in, login_refused, session_ended

_RACES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a client gets to act as someone."""

    user_id: UserId
    session: Session
    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A session that is alive now, whose it is, and where that person belongs."""

    user: User
    session_id: SessionId
    expires_at: datetime
    memberships: list[Membership]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """Use cases of sessions."""

    database: Database
    live: LiveSessions
    attempts: Attempts
    hasher: PasswordHasher
    tokens: AccessTokens
    clock: Clock
    new_id: NewId
    new_secret: NewSecret
    lives: Lives

    async def login(self, email: str, password: str, client: Client = NOWHERE) -> Grant:
        """Raises CREDENTIALS_INVALID (whether or not the account exists), RATE_LIMITED, UNAVAILABLE."""
        address = client.address
        account = emails.normalise(email)
        await self.attempts.begin_login(account or email[:254].casefold(), address)
        user = None if account is None else await self.database.users.by_email(account)
        plain = passwords.normalise(password)
        known = await self.hasher.verify(None if user is None else user.password_hash, plain or "")
        if user is None or plain is None or not known:
            login_refused(None if user is None else user.id, address)
            raise errors.credentials_invalid()
        if self.hasher.outdated(user.password_hash):
            renewed = await self.hasher.hash(plain)
            await self.database.users.replace_hash(user.id, user.password_hash, renewed)
        grant = await self._open(user, client)
        await self.attempts.login_succeeded(user.email, address)
        logged_in(grant.session, address)
        return grant

    async def _open(self, user: User, client: Client) -> Grant:
        now = self.clock.now()
        session_id = SessionId(self.new_id())
        family, token = found(session_id, self.new_secret)
        session = Session(
            id=session_id,
            user_id=user.id,
            family=family,
            created_at=now,
            expires_at=expiry(now, now, self.lives),
            seen_at=now,
            address=client.address,
            agent=client.agent,
            epoch=user.epoch,
        )
        await self.database.sessions.add(session)
        await self.live.put(session)
        return self._grant(session, token, now)

    def _grant(self, session: Session, token: RefreshToken, now: datetime) -> Grant:
        return Grant(
            user_id=session.user_id,
            session=session,
            access_token=self.tokens.mint(session.user_id, session.id, now, self.lives.access),
            access_expires_at=now + self.lives.access,
            refresh_token=token.encode(),
        )

    async def refresh(self, text: str, client: Client = NOWHERE) -> Grant:
        """Uses a token up for its successor; of many at once all get the same one.

        Raises TOKEN_INVALID, SESSION_ENDED, and REFRESH_REUSED after revoking the session of a replayed token.
        """
        token = RefreshToken.parse(text)
        if token is None:
            raise errors.token_invalid()
        for _ in range(_RACES):
            grant = await self._refresh(token, client)
            if grant is not None:
                return grant
        raise errors.contended()

    async def _refresh(self, token: RefreshToken, client: Client) -> Grant | None:
        """None: somebody else changed the session in between."""
        now = self.clock.now()
        session = await self.database.sessions.get(SessionId(token.session_id))
        verdict = Verdict.FOREIGN if session is None else session.family.judge(token, now, self.lives.grace)
        if session is None or verdict is Verdict.FOREIGN:
            raise errors.token_invalid()
        user = await self.database.users.get(session.user_id)
        if user is None or not session.alive(now, user.epoch) or await self.live.owner(session.id) is None:
            raise errors.session_ended()
        if verdict is Verdict.REPLAYED:
            count_refresh("replayed")
            await self.end(session.id, Ending.REFRESH_REUSED)
            raise errors.refresh_reused()
        if verdict is Verdict.JUST_USED:
            count_refresh("repeated")
            return self._grant(session, session.family.successor_of(token), now)
        family, successor = session.family.rotate(token, now, self.new_secret)
        rotated = session.refreshed(family, now, self.lives, client)
        # Prolonged first: once the record is written the token is used up, so nothing that can fail comes after it.
        if not await self.live.prolong(rotated):
            raise errors.session_ended()
        if not await self.database.sessions.save(rotated):
            return None
        count_refresh("rotated")
        return self._grant(rotated, successor, now)

    async def logout(self, text: str) -> Session:
        """Ends the session that a refresh token belongs to; any token of its family will do. Raises TOKEN_INVALID."""
        token = RefreshToken.parse(text)
        session = None if token is None else await self.database.sessions.get(SessionId(token.session_id))
        if token is None or session is None:
            raise errors.token_invalid()
        if session.family.judge(token, self.clock.now(), self.lives.grace) is Verdict.FOREIGN:
            raise errors.token_invalid()
        return await self.end(session.id, Ending.LOGOUT)

    async def logout_everywhere(self, user_id: UserId) -> list[Session]:
        """Ends every session of a person, all or none; says which."""

        async def work(stores: Stores) -> list[Session]:
            return await end_open(stores, user_id, Ending.LOGOUT_EVERYWHERE, self.clock.now())

        ended = await self.database.atomically(work)
        await drop_ended(self.live, ended, Ending.LOGOUT_EVERYWHERE)
        return ended

    async def mine(self, user_id: UserId, *, first: int, after: SessionId | None) -> tuple[list[Session], bool]:
        """A page of the sessions in which a person is logged in, newest first, and whether there are more.

        One that was opened with a password that is no more is dead, and not among them.
        """
        now, user = self.clock.now(), await self.database.users.get(user_id)
        if user is None:
            raise errors.signed_out()
        found = await self.database.sessions.page_of(user_id, now, after=after, limit=first + 1)
        return [session for session in found[:first] if session.alive(now, user.epoch)], len(found) > first

    async def revoke(self, user_id: UserId, session_id: SessionId) -> Session:
        """Ends one of the caller's sessions. Raises NOT_FOUND, also for one that is somebody else's or over."""
        session = await self.database.sessions.get(session_id)
        if session is None or session.user_id != user_id or session.ended_at is not None:
            raise errors.not_found("session")
        return await self.end(session_id, Ending.REVOKED)

    async def end(self, session_id: SessionId, ending: Ending) -> Session:
        """Ends a session, once; ending it again changes nothing. Raises SESSION_ENDED when there is no such session."""
        for _ in range(_RACES):
            session = await self.database.sessions.get(session_id)
            if session is None:
                raise errors.session_ended()
            if session.ended_at is None:
                session = session.ended(ending, self.clock.now())
                if not await self.database.sessions.save(session, SessionRevoked(session=session)):
                    continue
                session_ended(session, ending)
            await drop_entries(self.live, [session_id])
            return session
        raise errors.contended()

    async def prove(self, access_token: str) -> Proven:
        """Raises TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, and UNAVAILABLE rather than accept in doubt."""
        now = self.clock.now()
        claims = self.tokens.verify(access_token, now)
        owner, standing = await asyncio.gather(
            self.live.owner(claims.session_id), self.database.sessions.standing(claims.session_id)
        )
        if standing is None or not standing.session.alive(now, standing.user.epoch):
            raise errors.session_ended()
        if not owner == standing.session.user_id == claims.user_id:
            raise errors.session_ended()
        return Proven(
            user=standing.user,
            session_id=claims.session_id,
            expires_at=claims.expires_at,
            memberships=standing.memberships,
        )
