"""Snapshots that were just read. Events about the same people come close together; what an answer says stays good for
as long as a snapshot may lag behind its owner anyway.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.preferences import Preferences
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.service.ports import Memberships, PreferenceStore, Profiles

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

_GOOD_SECONDS = 2.0
_MOST = 10_000


class _Recent(Generic[KeyT, ValueT]):
    """Answers by key with the time until which they are good; the absence of an answer is one too."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._answers: dict[KeyT, tuple[float, ValueT | None]] = {}

    async def find(
        self, keys: Collection[KeyT], load: Callable[[list[KeyT]], Awaitable[Mapping[KeyT, ValueT]]]
    ) -> dict[KeyT, ValueT]:
        now = self._now()
        answers = {key: known[1] for key in keys if (known := self._answers.get(key)) and known[0] > now}
        missing = [key for key in keys if key not in answers]
        if missing:
            loaded = await load(missing)
            fresh = {key: loaded.get(key) for key in missing}
            if len(self._answers) + len(fresh) > _MOST:
                self._answers.clear()
            self._answers |= {key: (now + _GOOD_SECONDS, answer) for key, answer in fresh.items()}
            answers |= fresh
        return {key: answer for key, answer in answers.items() if answer is not None}

    def forget(self, key: KeyT) -> None:
        self._answers.pop(key, None)


class RecentProfiles:
    """`service.ports.Profiles` in front of another."""

    def __init__(self, stored: Profiles, now: Callable[[], float] = monotonic) -> None:
        self._stored = stored
        self._recent: _Recent[UUID, Profile] = _Recent(now)

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Profile]:
        return await self._recent.find(user_ids, self._stored.find)

    async def keep(self, profile: Profile) -> None:
        await self._stored.keep(profile)
        self._recent.forget(profile.user_id)


class RecentMemberships:
    """`service.ports.Memberships` in front of another."""

    def __init__(self, stored: Memberships, now: Callable[[], float] = monotonic) -> None:
        self._stored = stored
        self._recent: _Recent[tuple[UUID, UUID], Membership] = _Recent(now)

    async def find(self, workspace_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, Membership]:
        async def load(keys: list[tuple[UUID, UUID]]) -> Mapping[tuple[UUID, UUID], Membership]:
            found = await self._stored.find(workspace_id, [user_id for _, user_id in keys])
            return {(workspace_id, user_id): membership for user_id, membership in found.items()}

        found = await self._recent.find([(workspace_id, user_id) for user_id in user_ids], load)
        return {user_id: membership for (_, user_id), membership in found.items()}

    async def keep(self, membership: Membership) -> None:
        await self._stored.keep(membership)
        self._recent.forget((membership.workspace_id, membership.user_id))


class RecentPreferences:
    """`service.ports.PreferenceStore` in front of another."""

    def __init__(self, stored: PreferenceStore, now: Callable[[], float] = monotonic) -> None:
        self._stored = stored
        self._recent: _Recent[UUID, Preferences] = _Recent(now)

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Preferences]:
        return await self._recent.find(user_ids, self._stored.find)

    async def change(self, user_id: UUID, change: Callable[[Preferences], Preferences]) -> Preferences:
        changed = await self._stored.change(user_id, change)
        self._recent.forget(user_id)
        return changed
