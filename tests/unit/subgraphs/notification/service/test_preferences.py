"""Preferences change as a whole or not at all, on the clock of the user's profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone
from uuid import UUID, uuid4

import pytest

from kit.errors import DomainError, Kind
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import Channel, QuietHours
from subgraphs.notification.service.preferences import (
    MOST_MUTES,
    Choice,
    Desk,
    change_preferences,
    chosen,
    digest,
    muted,
    preferences_of,
    profile_of,
    quiet,
    unmuted,
)
from tests.testkit.notification.fakes import ScriptedDirectory, memory_stores
from tests.testkit.notification.samples import BOB, EVE, NOW, PROJECT, ManualClock, profile


@pytest.fixture
def rung() -> list[UUID]:
    return []


@pytest.fixture
def desk(rung: list[UUID]) -> Desk:
    stores = memory_stores()
    return Desk(
        preferences=stores.preferences,
        profiles=stores.profiles,
        directory=ScriptedDirectory({BOB: profile(BOB, "Bob")}),
        clock=ManualClock(),
        changed=rung.append,
    )


async def test_a_digest_hour_is_read_on_the_clock_of_the_profile(desk: Desk, rung: list[UUID]) -> None:
    changed = await change_preferences(BOB, [await digest(8, BOB, desk)], desk)
    assert changed.digest_at == datetime(2026, 11, 25, 7, tzinfo=UTC)
    assert rung == [BOB]
    assert (await change_preferences(BOB, [await digest(None, BOB, desk)], desk)).digest_at is None


async def test_several_edits_are_one_change(desk: Desk) -> None:
    choice = Choice(category=Category.TASK_STATUS, channel=Channel.EMAIL, wanted=True)
    hours = QuietHours(start=time(22), end=time(7))
    await change_preferences(BOB, [chosen([choice]), quiet(hours), muted(PROJECT, None, NOW)], desk)
    set_ = await preferences_of(BOB, desk)
    assert (set_.version, set_.quiet, set_.wants(Category.TASK_STATUS, Channel.EMAIL)) == (1, hours, True)
    await change_preferences(BOB, [unmuted(PROJECT), quiet(None)], desk)
    set_ = await preferences_of(BOB, desk)
    assert (dict(set_.mutes), set_.quiet) == ({}, None)


async def test_wrong_wishes_are_refused(desk: Desk) -> None:
    refusals: list[Callable[[], object]] = [
        lambda: quiet(QuietHours(start=time(7), end=time(7))),
        lambda: muted(PROJECT, NOW, NOW),
        lambda: muted(PROJECT, datetime(2027, 1, 1), NOW),  # noqa: DTZ001
        lambda: muted(PROJECT, datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))), NOW),
    ]
    for refused in refusals:
        with pytest.raises(DomainError) as error:
            refused()
        assert error.value.kind is Kind.INVALID
    for hour in (-1, 24):
        with pytest.raises(DomainError):
            await digest(hour, BOB, desk)
    with pytest.raises(DomainError) as unknown:
        await profile_of(EVE, desk)
    assert unknown.value.kind is Kind.NOT_FOUND


async def test_one_mute_too_many_is_refused_and_one_that_is_over_counts_no_more(desk: Desk) -> None:
    soon = NOW + timedelta(seconds=1)
    await change_preferences(BOB, [muted(uuid4(), soon, NOW) for _ in range(MOST_MUTES)], desk)
    with pytest.raises(DomainError):
        await change_preferences(BOB, [muted(uuid4(), None, NOW)], desk)
    changed = await change_preferences(BOB, [muted(uuid4(), None, soon)], desk)
    assert len(changed.mutes) == 1
