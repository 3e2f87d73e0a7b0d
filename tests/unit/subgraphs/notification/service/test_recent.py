"""What was just read is not read again, and not for long."""

from __future__ import annotations

from uuid import uuid4

from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.service.recent import RecentMemberships, RecentProfiles
from tests.testkit.notification.fakes import MemoryMemberships, MemoryProfiles
from tests.testkit.notification.samples import BOB, EVE, WORKSPACE, profile


class Time:
    """A monotonic clock that a test turns."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_profile_is_read_again_after_two_seconds() -> None:
    stored, time = MemoryProfiles(), Time()
    recent = RecentProfiles(stored, time)
    assert await recent.find([BOB]) == {}
    await stored.keep(profile(BOB, "Bob"))
    assert await recent.find([BOB, EVE]) == {}
    time.seconds = 2.0
    assert await recent.find([BOB]) == {BOB: profile(BOB, "Bob")}


async def test_what_is_kept_is_seen_at_once() -> None:
    recent = RecentProfiles(MemoryProfiles(), Time())
    assert await recent.find([BOB]) == {}
    await recent.keep(profile(BOB, "Bob"))
    assert await recent.find([BOB]) == {BOB: profile(BOB, "Bob")}


async def test_workspaces_are_kept_apart() -> None:
    recent = RecentMemberships(MemoryMemberships(), Time())
    assert await recent.find(WORKSPACE, [BOB]) == {}
    removed = Membership(workspace_id=WORKSPACE, user_id=BOB, role=None, version=1)
    await recent.keep(removed)
    assert await recent.find(WORKSPACE, [BOB, EVE]) == {BOB: removed}
    assert await recent.find(uuid4(), [BOB]) == {}
