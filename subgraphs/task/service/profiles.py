"""The replica of profiles. Invariant: names are a courtesy, so an owner that cannot be asked never fails a request."""

import asyncio
from collections.abc import Collection
from uuid import UUID

from kit.errors import DomainError
from subgraphs.task.domain.profiles import Profile
from subgraphs.task.service.ports import Directory, Store


class Profiles:
    """The replica and, behind it, the owner."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Profile]:
        """What is known of the users; the owner is asked once about those the replica lacks."""
        async with self._store.read(()) as work:
            known = await work.profiles.find(ids)
        missing = [user_id for user_id in ids if user_id not in known]
        if missing:
            known |= await self._learn(missing)
        return known

    async def apply(self, event_id: UUID, profile: Profile) -> bool:
        """Takes over what an event says; False when it was known already or is older than what is known."""
        async with self._store.write(()) as work:
            if not await work.inbox.take(event_id):
                return False
            applied = await work.profiles.put(profile)
            if not applied:
                await work.inbox.mark_ignored(event_id)
            return applied

    async def _learn(self, ids: Collection[UUID]) -> dict[UUID, Profile]:
        answers = await asyncio.gather(*(self._ask_owner(user_id) for user_id in ids))
        learnt = {profile.id: profile for profile in answers if profile is not None}
        if learnt:
            async with self._store.write(()) as work:
                for profile in learnt.values():
                    await work.profiles.put(profile)
        return learnt

    async def _ask_owner(self, user_id: UUID) -> Profile | None:
        try:
            return await self._directory.profile(user_id)
        except DomainError as error:
            if error.retryable:
                return None
            raise
