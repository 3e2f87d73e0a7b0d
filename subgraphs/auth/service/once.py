"""Owns that a mutation under an idempotency key is done once: its answer is kept in the commit of its effect, and
whoever asks again gets it instead of the effect.

Of two runs at once the store lets one commit; the other is run again by the store and finds the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from kit.idempotency import AlreadyAnswered, KeyUse, mismatch
from subgraphs.auth.service.ports import (
    Answers,
    Audit,
    Database,
    Invitations,
    MailTokens,
    Memberships,
    Roles,
    SessionRecords,
    Stores,
    Users,
    Workspaces,
)

T = TypeVar("T")


class OnceDatabase:
    """Implements `service.ports.Database` for one use of a key; a mutation commits through it once."""

    def __init__(self, inner: Database, use: KeyUse) -> None:
        self._inner = inner
        self._use = use

    async def atomically(self, work: Callable[[Stores], Awaitable[T]]) -> T:
        """Raises IDEMPOTENCY_MISMATCH beside what the work raises."""

        async def once(stores: Stores) -> T:
            await self._look(stores)
            answer = await work(stores)
            await stores.answers.keep(self._use, answer)
            return answer

        try:
            return await self._inner.atomically(once)
        except AlreadyAnswered as found:
            return cast("T", found.answer)

    async def _look(self, stores: Stores) -> None:
        """Raises AlreadyAnswered, or DomainError IDEMPOTENCY_MISMATCH."""
        for kept in await stores.answers.under(self._use.owner, self._use.key):
            if kept.fingerprint != self._use.fingerprint:
                raise mismatch(self._use.key)
            if kept.field == self._use.field:
                raise AlreadyAnswered(kept.answer)

    @property
    def users(self) -> Users:
        return self._inner.users

    @property
    def workspaces(self) -> Workspaces:
        return self._inner.workspaces

    @property
    def memberships(self) -> Memberships:
        return self._inner.memberships

    @property
    def roles(self) -> Roles:
        return self._inner.roles

    @property
    def audit(self) -> Audit:
        return self._inner.audit

    @property
    def invitations(self) -> Invitations:
        return self._inner.invitations

    @property
    def mail_tokens(self) -> MailTokens:
        return self._inner.mail_tokens

    @property
    def sessions(self) -> SessionRecords:
        return self._inner.sessions

    @property
    def answers(self) -> Answers:
        return self._inner.answers
