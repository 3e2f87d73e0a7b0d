"""When a series happens, above all where clocks are turned; the oracle looks at every minute of the real time."""

# ruff: noqa: DTZ001 - times on the wall have no zone

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.task.domain.recurrence_rules import MOST_EXCEPTIONS, Rule, RuleDraft, RuleKind, check_rule, occurrences

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"
YEAR = timedelta(days=365)


def rule(text: str, zone: str = BERLIN, *, start: datetime = NOW, **more: object) -> Rule:
    draft = {"cron": text} if " " in text else {"rrule": text}
    return check_rule(
        RuleDraft(time_zone=zone, starts_at=start, **draft, **more),  # type: ignore[arg-type]
        now=start - timedelta(seconds=1),
        shortest=timedelta(seconds=1),
    )


def local(of: Rule, after: datetime, many: int) -> list[str]:
    zone = ZoneInfo(of.time_zone)
    return [one.astimezone(zone).strftime("%d %H:%M%z") for one in islice(occurrences(of, after), many)]


class TestClocksTurnedForward:
    """Berlin, 29 March 2026: 02:00 becomes 03:00."""

    before = datetime(2026, 3, 27, 12, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0", "30 2 * * *"])
    def test_a_time_that_does_not_exist_happens_an_hour_later_on_that_day_alone(self, text: str) -> None:
        assert local(rule(text), self.before, 3) == ["28 02:30+0100", "29 03:30+0200", "30 02:30+0200"]

    def test_times_that_fall_together_happen_once(self) -> None:
        daily = rule("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30;BYSECOND=0")
        assert local(daily, self.before + timedelta(hours=16), 6) == [
            "29 03:00+0200",
            "29 03:30+0200",
            "30 02:00+0200",
            "30 02:30+0200",
            "30 03:00+0200",
            "30 03:30+0200",
        ]

    @pytest.mark.parametrize("text", ["FREQ=HOURLY;BYMINUTE=0;BYSECOND=0", "0 * * * *"])
    def test_an_hourly_rule_stays_hourly(self, text: str) -> None:
        found = list(islice(occurrences(rule(text), datetime(2026, 3, 28, 22, tzinfo=UTC)), 6))
        assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(hours=1)}


class TestClocksTurnedBack:
    """Berlin, 25 October 2026: 03:00 becomes 02:00."""

    before = datetime(2026, 10, 23, 12, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0", "30 2 * * *"])
    def test_a_time_that_comes_twice_happens_the_first_time(self, text: str) -> None:
        assert local(rule(text), self.before, 3) == ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]

    @pytest.mark.parametrize("text", ["FREQ=HOURLY;BYMINUTE=30;BYSECOND=0", "30 * * * *"])
    def test_an_hourly_rule_stays_hourly(self, text: str) -> None:
        found = local(rule(text), datetime(2026, 10, 24, 23, tzinfo=UTC), 4)
        assert found == ["25 01:30+0200", "25 02:30+0200", "25 02:30+0100", "25 03:30+0100"]


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "UTC"]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["*", "*/2", "1-3", "2"]),
    st.sampled_from(["0", "30", "*/20", "15,45"]),
)
def test_cron_through_the_year_is_what_every_minute_of_real_time_says(
    zone: str, begun: datetime, hours: str, minutes: str
) -> None:
    start = begun.replace(second=0, microsecond=0, tzinfo=UTC)
    end = start + timedelta(days=2)
    found = list(occurrences(rule(f"{minutes} {hours} * * *", zone, start=start, ends_at=end), start - timedelta(1)))
    assert found == sorted(set(_by_minutes(zone, start, end, hours, minutes)))


def _by_minutes(zone: str, start: datetime, end: datetime, hours: str, minutes: str) -> list[datetime]:
    place = ZoneInfo(zone)
    named_hours = {"*": range(24), "*/2": range(0, 24, 2), "1-3": range(1, 4), "2": range(2, 3)}[hours]
    named_minutes = {"0": (0,), "30": (30,), "*/20": (0, 20, 40), "15,45": (15, 45)}[minutes]
    found, shown = [], set()
    # Two hours earlier, so that a wall time shown for the second time is known to have been shown before.
    at = start - timedelta(hours=2)
    previous = (at - timedelta(minutes=1)).astimezone(place).replace(tzinfo=None)
    while at <= end:
        wall = at.astimezone(place).replace(tzinfo=None)
        if hours.startswith("*"):
            due = wall.hour in named_hours and wall.minute in named_minutes
        else:
            due = wall not in shown and wall.hour in named_hours and wall.minute in named_minutes
            if wall - previous > timedelta(minutes=1):  # what was jumped over happens that much later
                jump = wall - previous - timedelta(minutes=1)
                lost = [
                    previous + timedelta(minutes=number) for number in range(1, int(jump.total_seconds()) // 60 + 1)
                ]
                late = [at + (one - lost[0]) for one in lost if one.hour in named_hours and one.minute in named_minutes]
                found += [one for one in late if start <= one <= end]
        if due and at >= start:
            found.append(at)
        shown.add(wall)
        previous, at = wall, at + timedelta(minutes=1)
    return found


class TestMonthEnds:
    def test_the_31st_happens_where_there_is_one(self) -> None:
        monthly = rule("FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0;BYSECOND=0")
        months = [one.month for one in islice(occurrences(monthly, NOW), 7)]
        assert months == [1, 3, 5, 7, 8, 10, 12]

    def test_the_last_day_is_another_one_in_leap_years(self) -> None:
        monthly = rule("FREQ=MONTHLY;BYMONTHDAY=-1;BYMONTH=2", start=datetime(2027, 1, 1, 9, tzinfo=UTC))
        assert [one.day for one in islice(occurrences(monthly, NOW), 2)] == [28, 29]

    def test_the_29th_of_february(self) -> None:
        yearly = rule("0 9 29 2 *", "UTC")
        assert [one.year for one in islice(occurrences(yearly, NOW), 3)] == [2028, 2032, 2036]


class TestBounds:
    def test_a_count_is_of_the_whole_series_wherever_one_looks_from(self) -> None:
        counted = rule("FREQ=DAILY;COUNT=5")
        assert len(list(occurrences(counted, NOW - YEAR))) == 5
        assert len(list(occurrences(counted, NOW + timedelta(days=2)))) == 2

    def test_an_exception_takes_its_place_in_the_count(self) -> None:
        second = NOW + timedelta(days=1)
        assert second not in list(occurrences(rule("FREQ=DAILY;COUNT=3", exceptions=(second,)), NOW - YEAR))
        assert len(list(occurrences(rule("FREQ=DAILY;COUNT=3", exceptions=(second,)), NOW - YEAR))) == 2

    def test_the_end_is_included(self) -> None:
        ended = rule("FREQ=DAILY", ends_at=NOW + timedelta(days=3))
        assert list(occurrences(ended, NOW - YEAR))[-1] == NOW + timedelta(days=3)

    def test_a_series_begins_at_its_start(self) -> None:
        assert next(occurrences(rule("FREQ=DAILY"), NOW - YEAR)) == NOW

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 20_000))
    def test_going_on_from_any_occurrence_misses_none(self, hours: int) -> None:
        one = rule("FREQ=MONTHLY;BYDAY=2TU,-1FR;BYHOUR=2;BYMINUTE=30;BYSECOND=0", start=NOW - 2 * YEAR)
        after = NOW - YEAR + timedelta(hours=hours)
        whole = [at for at in islice(occurrences(one, NOW - 2 * YEAR), 200) if at > after][:5]
        found: list[datetime] = []
        while len(found) < 5:
            found.append(next(occurrences(one, found[-1] if found else after)))
        assert found == whole

    def test_an_old_series_is_as_cheap_as_a_new_one(self) -> None:
        old = rule("*/5 * * * *", start=datetime(1980, 1, 1, tzinfo=UTC))
        assert next(occurrences(old, NOW)) == NOW + timedelta(minutes=5)

    def test_nothing_comes_behind_the_end_of_what_is_searched(self) -> None:
        assert list(islice(occurrences(rule("FREQ=DAILY"), datetime(2499, 12, 30, tzinfo=UTC)), 9)) == [
            datetime(2499, 12, 31, tzinfo=UTC),
            datetime(2500, 1, 1, tzinfo=UTC),
        ]
        assert list(occurrences(rule("FREQ=DAILY"), datetime(2600, 1, 1, tzinfo=UTC))) == []


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (RuleDraft(time_zone="Mars/Olympus", cron="0 9 * * *"), "timeZone"),
        (RuleDraft(time_zone="../etc/passwd", cron="0 9 * * *"), "timeZone"),
        (RuleDraft(time_zone=BERLIN), "rule"),
        (RuleDraft(time_zone=BERLIN, cron="0 9 * * *", rrule="FREQ=DAILY"), "rule"),
        (RuleDraft(time_zone=BERLIN, cron="0 9 30 2 *"), "rule"),
        (RuleDraft(time_zone=BERLIN, rrule="FREQ=DAILY", ends_at=NOW - YEAR), "rule"),
        (RuleDraft(time_zone=BERLIN, cron="* * * * *"), "rule"),
        (RuleDraft(time_zone=BERLIN, rrule="FREQ=MINUTELY;COUNT=2"), "rule"),
        (RuleDraft(time_zone=BERLIN, rrule="FREQ=SECONDLY;COUNT=3", starts_at=NOW - timedelta(seconds=0.5)), "rule"),
        (RuleDraft(time_zone=BERLIN, rrule="FREQ=DAILY;COUNT=1001"), "count"),
        (RuleDraft(time_zone=BERLIN, rrule="FREQ=DAILY;COUNT=10", count=10), "count"),
        (RuleDraft(time_zone=BERLIN, cron="0 9 * * *", count=0), "count"),
        (RuleDraft(time_zone=BERLIN, rrule="FREQ=DAILY;UNTIL=20300101", ends_at=NOW + YEAR), "endsAt"),
        (RuleDraft(time_zone=BERLIN, cron="0 9 * * *", starts_at=datetime(2026, 1, 1)), "startsAt"),
        (RuleDraft(time_zone=BERLIN, cron="0 9 * * *", starts_at=datetime(9999, 1, 1, tzinfo=UTC)), "startsAt"),
        (RuleDraft(time_zone=BERLIN, cron="0 9 * * *", exceptions=(NOW,) * (MOST_EXCEPTIONS + 1)), "exceptions"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_field(draft: RuleDraft, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_rule(draft, now=NOW)
    assert field in refused.value.fields


def test_a_rule_that_keeps_the_pace_may_begin_now() -> None:
    for begun in (timedelta(0), timedelta(seconds=0.5), timedelta(minutes=4)):
        draft = RuleDraft(time_zone=BERLIN, rrule="FREQ=MINUTELY;INTERVAL=5;COUNT=2", starts_at=NOW - begun)
        assert check_rule(draft, now=NOW).count == 2


def test_a_rule_without_a_start_begins_now() -> None:
    assert check_rule(RuleDraft(time_zone=BERLIN, cron="0  9 * * *"), now=NOW) == Rule(
        kind=RuleKind.CRON,
        text="0 9 * * *",
        time_zone=BERLIN,
        starts_at=NOW,
    )


def test_a_day_that_a_zone_left_out_is_not_lost_and_not_doubled() -> None:
    """Samoa had no 30 December 2011."""
    daily = rule("FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0", "Pacific/Apia", start=datetime(2011, 12, 28, tzinfo=UTC))
    assert local(daily, datetime(2011, 12, 29, tzinfo=UTC), 3) == ["29 09:00-1000", "31 09:00+1400", "01 09:00+1400"]
