"""Owns ending many sessions of a person as part of a transaction, and what follows once it is committed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kit.errors import DomainError
from kit.telemetry import logger
from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import SessionRevoked
from subgraphs.auth.domain.sessions import Ending, Session, SessionId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.service.ports import LiveSessions, Stores
from subgraphs.auth.service.trail import session_ended

_log = logger("auth.sessions")


async def end_open(
    stores: Stores, user_id: UserId, ending: Ending, now: datetime, *, spare: SessionId | None = None
) -> list[Session]:
    """Ends the open sessions of a person but one; what has expired is over anyway.

    Raises UNAVAILABLE after a lost race.
    """
    ended: list[Session] = []
    for session in await stores.sessions.open_of(user_id):
        if session.id == spare or session.expires_at <= now:
            continue
        after = session.ended(ending, now)
        if not await stores.sessions.save(after, SessionRevoked(session=after)):
            raise errors.contended()
        ended.append(after)
    return ended


async def drop_ended(live: LiveSessions, sessions: Sequence[Session], ending: Ending) -> None:
    """Tells the log, and takes the live entries away.

    The durable records are ended, which is enough to refuse the sessions; the relay drops what is left here.
    """
    for session in sessions:
        session_ended(session, ending)
    await drop_entries(live, [session.id for session in sessions])


async def drop_entries(live: LiveSessions, session_ids: Sequence[SessionId]) -> None:
    """Takes live entries away; that the index cannot be reached only delays it."""
    try:
        await live.drop(session_ids)
    except DomainError as error:
        _log.warning("session.drop_delayed", sessions=[str(one) for one in session_ids], code=error.code)
