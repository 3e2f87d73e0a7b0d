"""What a user wants, on which clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import CATEGORIES, Channel, Preferences, QuietHours
from tests.testkit.notification.samples import BOB, NOW, PROJECT

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"), UTC]
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
NIGHT = QuietHours(start=time(22), end=time(7))


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold)  # type: ignore[misc,arg-type]


class TestQuietHours:
    @pytest.mark.parametrize(
        ("at", "until"),
        [
            (berlin(2026, 11, 24, 21, 59), None),
            (berlin(2026, 11, 24, 22), berlin(2026, 11, 25, 7)),
            (berlin(2026, 11, 25, 6, 59), berlin(2026, 11, 25, 7)),
            (berlin(2026, 11, 25, 7), None),
            # The night that is an hour shorter, and the one that is an hour longer.
            (berlin(2026, 3, 29, 1, 59), berlin(2026, 3, 29, 7)),
            (berlin(2026, 10, 25, 2, 30, fold=1), berlin(2026, 10, 25, 7)),
        ],
    )
    def test_end_in_the_morning_of_the_readers_clock(self, at: datetime, until: datetime | None) -> None:
        assert NIGHT.until(at.astimezone(UTC), BERLIN) == (until.astimezone(UTC) if until else None)

    def test_within_a_day(self) -> None:
        noon = QuietHours(start=time(12), end=time(14))
        assert noon.until(berlin(2026, 11, 24, 13), BERLIN) == berlin(2026, 11, 24, 14)
        assert noon.until(berlin(2026, 11, 24, 14), BERLIN) is None

    @given(moments, times, times, st.sampled_from(ZONES))
    def test_always_end_and_are_over_then(self, at: datetime, start: time, end: time, zone: ZoneInfo) -> None:
        if start == end:
            return
        until = QuietHours(start=start, end=end).until(at, zone)
        if until is not None:
            assert at < until <= at + timedelta(hours=25)
            assert (
                until.astimezone(zone).time() == end
                or until.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset()
            )


class TestRoute:
    def test_the_defaults_reach_everybody_in_the_inbox(self) -> None:
        unset = Preferences(user_id=BOB)
        assert all(unset.wants(category, Channel.IN_APP) for category in CATEGORIES)
        assert not unset.wants(Category.TASK_STATUS, Channel.EMAIL)
        assert unset.wants(Category.INVITATION, Channel.EMAIL)

    @pytest.mark.parametrize("passes", [True, False])
    def test_an_escalation_passes_quiet_hours_as_set(self, passes: bool) -> None:
        hours = QuietHours(start=time(22), end=time(7), urgent_passes=passes)
        night = Preferences(user_id=BOB, quiet=hours)
        at = berlin(2026, 11, 24, 23)
        assert (night.route(Category.SLA_ESCALATION, None, at, BERLIN).not_before is None) is passes
        assert night.route(Category.SLA_REMINDER, None, at, BERLIN).not_before == berlin(2026, 11, 25, 7)

    def test_a_mute_ends_when_it_was_to_end(self) -> None:
        until = NOW + timedelta(hours=1)
        muted = Preferences(user_id=BOB).mute(PROJECT, until, NOW)
        assert muted.route(Category.COMMENT_ADDED, PROJECT, NOW, UTC).leads_nowhere
        assert not muted.route(Category.COMMENT_ADDED, PROJECT, until, UTC).leads_nowhere
        assert not muted.unmute(PROJECT).is_muted(PROJECT, NOW)
        assert set(muted.mute(BOB, None, until).mutes) == {BOB}


class TestDigest:
    def test_comes_at_its_hour_each_day_over_the_change_of_the_clock(self) -> None:
        set_ = Preferences(user_id=BOB).digest_from(8, berlin(2026, 3, 27, 9), BERLIN)
        days = []
        for _ in range(3):
            assert set_.digest_at is not None
            days.append(set_.digest_at)
            set_ = set_.digest_made(set_.digest_at, BERLIN, 0)
        assert days == [berlin(2026, 3, day, 8) for day in (28, 29, 30)]
        assert days[1] - days[0] == timedelta(hours=23)

    def test_days_that_were_missed_are_one_digest(self) -> None:
        set_ = Preferences(user_id=BOB).digest_from(8, berlin(2026, 11, 20, 9), BERLIN)
        made = set_.digest_made(berlin(2026, 11, 24, 7), BERLIN, 0)
        assert made.digest_day == date(2026, 11, 23)
        assert made.digest_at == berlin(2026, 11, 24, 8)

    def test_an_hour_set_anew_gives_no_second_one_that_day(self) -> None:
        made = Preferences(user_id=BOB).digest_from(8, berlin(2026, 11, 23, 9), BERLIN)
        made = made.digest_made(berlin(2026, 11, 24, 8), BERLIN, 0)
        assert made.digest_from(20, berlin(2026, 11, 24, 9), BERLIN).digest_at == berlin(2026, 11, 25, 20)
        assert made.digest_from(None, berlin(2026, 11, 24, 9), BERLIN).digest_at is None

    @given(moments, st.integers(0, 23), st.sampled_from(ZONES), st.lists(st.integers(1, 5000), max_size=20))
    def test_never_twice_a_day_and_never_stuck(self, at: datetime, hour: int, zone: ZoneInfo, late: list[int]) -> None:
        set_ = Preferences(user_id=BOB).digest_from(hour, at, zone)
        days = []
        for minutes in late:
            assert set_.digest_at is not None
            now = set_.digest_at + timedelta(minutes=minutes)
            set_ = set_.digest_made(now, zone, 0)
            assert set_.digest_at is not None
            assert now < set_.digest_at <= now + timedelta(hours=50)
            days.append(set_.digest_day)
        assert len(set(days)) == len(days)
