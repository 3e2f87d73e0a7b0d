"""Owns the trail of who came, was refused and left: lines with ids and network addresses, never names, e-mail addresses
or tokens, and the counters beside them."""

from __future__ import annotations

from prometheus_client import Counter

from kit.telemetry import children, logger
from subgraphs.auth.domain.sessions import Ending, Session
from subgraphs.auth.domain.users import UserId

_LOGINS = children(Counter("auth_logins_total", "Attempts to log in.", ["outcome"]))
_REFRESHES = children(Counter("auth_refreshes_total", "Refresh tokens presented, by what they were.", ["outcome"]))
_ENDED = children(Counter("auth_sessions_ended_total", "Sessions ended before their time.", ["reason"]))

_log = logger("auth.audit")


def logged_in(session: Session, address: str | None) -> None:
    _LOGINS("ok").inc()
    _log.info("logged in", user_id=str(session.user_id), session_id=str(session.id), address=address)


def login_refused(user_id: UserId | None, address: str | None) -> None:
    """`user_id` is the account that was tried, if it exists: that stays between us and the log."""
    _LOGINS("refused").inc()
    _log.warning("login refused", user_id=None if user_id is None else str(user_id), address=address)


def count_refresh(outcome: str) -> None:
    """`rotated`, `repeated` (a lost answer was given again) or `replayed`."""
    _REFRESHES(outcome).inc()


def session_ended(session: Session, ending: Ending) -> None:
    _ENDED(ending.value).inc()
    say = _log.warning if ending is Ending.REFRESH_REUSED else _log.info
    say("session ended", user_id=str(session.user_id), session_id=str(session.id), reason=ending.value)
