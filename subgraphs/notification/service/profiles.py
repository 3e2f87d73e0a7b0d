"""Profile snapshots: kept from events, and asked for once where an event has not come yet."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from uuid import UUID

from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.service.ports import Cause, Directory, Effect, Ledger, Profiles


async def follow_profile(profile: Profile, cause: Cause, ledger: Ledger) -> None:
    """Takes over what auth says of a person."""
    await ledger.apply(cause, Effect(profile=profile))


async def resolve_people(
    user_ids: Collection[UUID], profiles: Profiles, directory: Directory
) -> Mapping[UUID, Profile]:
    """The people behind the ids; who is missing in the answer does not exist.

    Raises:
        DomainError: of kind unavailable or timeout, when a snapshot is missing and its owner cannot be asked.
    """
    wanted = list(dict.fromkeys(user_ids))
    known = dict(await profiles.find(wanted))
    missing = [user_id for user_id in wanted if user_id not in known]
    for profile in await asyncio.gather(*(directory.profile(user_id) for user_id in missing)):
        if profile is not None:
            await profiles.keep(profile)
            known[profile.user_id] = profile
    return known
