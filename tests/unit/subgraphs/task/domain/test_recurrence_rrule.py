"""Patterns against an independent oracle (python-dateutil), and against the examples of the standard."""

# ruff: noqa: DTZ001 - times on the wall have no zone

from datetime import datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.task.domain.recurrence_rrule import RRule
from subgraphs.task.domain.recurrence_rrule_text import parse_rrule, without_ends

ZONE = ZoneInfo("Europe/Berlin")
LIMIT = timedelta(days=366 * 5)


def pattern(text: str) -> RRule:
    return parse_rrule(text, ZONE).pattern


def walls(text: str, start: datetime, many: int = 12, *, limit: timedelta = LIMIT) -> list[datetime]:
    return list(islice(pattern(text).walls(start, start, start + limit), many))


def oracle(text: str, start: datetime, many: int = 12) -> list[datetime]:
    found = takewhile(lambda wall: wall <= start + LIMIT, rrulestr(text, dtstart=start).xafter(start, inc=True))
    return list(islice(found, many))


def some(name: str, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    lists = st.lists(numbers, min_size=1, max_size=3, unique=True)
    return st.just("") | lists.map(lambda values: f";{name}=" + ",".join(map(str, values)))


def signed(most: int) -> st.SearchStrategy[int]:
    return st.integers(1, most) | st.integers(-most, -1)


NAMES = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
NUMBERED = st.tuples(st.sampled_from(["", "1", "2", "3", "-1", "-2"]), NAMES).map("".join)


def by_day(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | st.lists(items, min_size=1, max_size=3, unique=True).map(lambda v: ";BYDAY=" + ",".join(v))


TIMES = st.tuples(some("BYHOUR", st.integers(0, 23)), some("BYMINUTE", st.integers(0, 59))).map("".join)
MONTHS = some("BYMONTH", st.integers(1, 12))
MONTH_DAYS = some("BYMONTHDAY", signed(31))
WKST = st.sampled_from(["", ";WKST=SU", ";WKST=WE"])
EVERY = st.integers(1, 5).map(lambda number: f";INTERVAL={number}")
BODIES = st.one_of(
    st.tuples(st.just("FREQ=YEARLY"), EVERY, MONTHS, MONTH_DAYS, by_day(NUMBERED), TIMES),
    st.tuples(st.just("FREQ=YEARLY"), EVERY, some("BYYEARDAY", signed(366)), by_day(NAMES), TIMES),
    st.tuples(st.just("FREQ=YEARLY"), EVERY, some("BYWEEKNO", signed(53)), by_day(NAMES), WKST),
    st.tuples(st.just("FREQ=MONTHLY"), EVERY, MONTHS, MONTH_DAYS, by_day(NUMBERED), TIMES),
    st.tuples(st.just("FREQ=WEEKLY"), EVERY, MONTHS, by_day(NAMES), WKST, TIMES),
    st.tuples(st.just("FREQ=DAILY"), EVERY, MONTHS, MONTH_DAYS, by_day(NAMES), TIMES),
).map("".join)
CHOSEN = st.just("") | st.lists(signed(4), min_size=1, max_size=2, unique=True).map(
    lambda numbers: ";BYSETPOS=" + ",".join(map(str, numbers))
)
WITHIN_DAY = st.one_of(
    st.tuples(
        st.just("FREQ=HOURLY"),
        st.sampled_from([";INTERVAL=1", ";INTERVAL=5", ";INTERVAL=36"]),
        MONTHS,
        by_day(NAMES),
        TIMES,
    ),
    st.tuples(st.just("FREQ=MINUTELY"), st.sampled_from(["", ";INTERVAL=7", ";INTERVAL=90"]), MONTH_DAYS, TIMES),
    st.tuples(st.just("FREQ=SECONDLY"), st.sampled_from([";INTERVAL=45", ";INTERVAL=3601"]), by_day(NAMES), TIMES),
).map("".join)
STARTS = st.datetimes(datetime(1999, 1, 1), datetime(2040, 1, 1)).map(lambda wall: wall.replace(microsecond=0))


@settings(max_examples=40, deadline=None)
@given(BODIES, CHOSEN, STARTS)
def test_patterns_of_days_name_what_the_oracle_names(body: str, chosen: str, start: datetime) -> None:
    assume(not chosen or "BY" in body)
    text = body + chosen
    assert walls(text, start) == oracle(text, start)


@settings(max_examples=40, deadline=None)
@given(WITHIN_DAY, STARTS)
def test_patterns_within_a_day_name_what_the_oracle_names(text: str, start: datetime) -> None:
    try:
        expected = oracle(text, start)
    except ValueError:  # the oracle refuses intervals that never meet the hours and minutes named
        expected = []
    assert walls(text, start) == expected


@settings(max_examples=40, deadline=None)
@given(st.one_of(BODIES, WITHIN_DAY), STARTS, st.timedeltas(timedelta(), timedelta(days=3000)))
def test_searching_from_the_middle_finds_the_same(text: str, start: datetime, later: timedelta) -> None:
    since = start + later
    limit = since + timedelta(days=60)
    whole = [wall for wall in pattern(text).walls(start, since, limit) if wall >= since]
    if pattern(text).within_day:
        return  # from the very start there may be millions; the oracle has compared them
    assert whole == [wall for wall in pattern(text).walls(start, start, limit) if wall >= since]


ELECTION = "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=31", datetime(2026, 1, 31, 9), ["01-31", "03-31", "05-31", "07-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", datetime(2027, 12, 1, 9), ["12-31", "01-31", "02-29", "03-31"]),
        ("FREQ=YEARLY", datetime(2024, 2, 29, 9), ["02-29", "02-29", "02-29"]),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            datetime(2026, 1, 1, 9),
            ["01-30", "02-27", "03-31", "04-30"],
        ),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", datetime(1997, 8, 5, 9), ["08-05", "08-10", "08-19", "08-24"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", datetime(1997, 8, 5, 9), ["08-05", "08-17", "08-19", "08-31"]),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", datetime(1997, 5, 12, 9), ["05-12", "05-11", "05-17"]),
        (
            ELECTION,
            datetime(1996, 11, 5, 9),
            ["11-05", "11-07", "11-02"],
        ),
    ],
)
def test_the_examples_of_the_standard(text: str, start: datetime, expected: list[str]) -> None:
    assert [wall.strftime("%m-%d") for wall in walls(text, start, len(expected), limit=3 * LIMIT)] == expected


def test_the_29th_of_february_waits_for_leap_years() -> None:
    far = pattern("FREQ=YEARLY").walls(datetime(2096, 2, 29), datetime(2096, 2, 29), datetime(2105, 1, 1))
    assert [wall.year for wall in far] == [2096, 2104], "2100 is no leap year"


def test_a_rule_that_never_matches_ends_at_the_limit() -> None:
    for text in ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"):
        assert walls(text, datetime(2026, 1, 1)) == []


def test_the_end_of_a_rule_is_read_apart() -> None:
    read = parse_rrule("RRULE:freq=daily;count=3;", ZONE)
    assert (read.count, read.until) == (3, None)
    until = parse_rrule("FREQ=DAILY;UNTIL=20300701", ZONE).until
    assert until is not None
    assert until.isoformat() == "2030-07-01T21:59:59+00:00"
    utc = parse_rrule("FREQ=DAILY;UNTIL=20300701T120000Z", ZONE).until
    local = parse_rrule("FREQ=DAILY;UNTIL=20300701T140000", ZONE).until
    assert utc == local
    assert without_ends("freq=daily;count=3;interval=2") == "FREQ=DAILY;INTERVAL=2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;X-MINE=1",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=²",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYSECOND=60",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYWEEKNO=1",
        "FREQ=MONTHLY;BYYEARDAY=1",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO",
        "FREQ=HOURLY;BYMINUTE=1,2;BYSETPOS=1",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;WKST=XX",
        "FREQ=DAILY;COUNT=2;UNTIL=20300101",
        "FREQ=DAILY;UNTIL=2030",
        "FREQ=DAILY;UNTIL=20301332",
        "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 101),
        "FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 101),
        "FREQ=DAILY;BYMONTH=" + "1" * 1_000,
        "FREQ=DAILY\nDTSTART:20200101",
    ],
)
def test_what_is_no_rule_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_rrule(text, ZONE)
    assert refused.value.code == "BAD_INPUT"
    assert "rrule" in refused.value.fields
