"""Cron expressions against an oracle that tries every minute."""

# ruff: noqa: DTZ001 - times on the wall have no zone

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.task.domain.recurrence_cron import parse_cron

START = datetime(2028, 2, 27, 6, 30)
LENGTH = timedelta(days=2)


def field(lowest: int, highest: int) -> st.SearchStrategy[str]:
    numbers = st.integers(lowest, highest)
    spans = st.tuples(numbers, numbers).map(lambda pair: f"{min(pair)}-{max(pair)}")
    stepped = st.tuples(st.just("*") | spans | numbers.map(str), st.integers(1, 9)).map(
        lambda pair: f"{pair[0]}/{pair[1]}"
    )
    one = numbers.map(str) | spans | stepped
    return st.just("*") | st.lists(one, min_size=1, max_size=3).map(",".join)


EXPRESSIONS = st.tuples(field(0, 59), field(0, 23), field(1, 31), st.just("*") | field(1, 12), field(0, 7)).map(
    " ".join
)


def holds(text: str, value: int, lowest: int, highest: int) -> bool:
    """Whether a field holds a value, read with as little skill as possible."""
    for item in text.split(","):
        span, _, step = item.partition("/")
        if span == "*":
            first, last = lowest, highest
        elif "-" in span:
            first, last = (int(part) for part in span.split("-"))
        else:
            first, last = int(span), highest if step else int(span)
        if any(number == value for number in range(first, last + 1, int(step or 1))):
            return True
    return False


def fires(text: str, wall: datetime) -> bool:
    minute, hour, day, month, week_day = text.split()
    sunday_first = (wall.weekday() + 1) % 7
    by_day = holds(day, wall.day, 1, 31)
    by_week = holds(week_day, sunday_first, 0, 6) or (
        sunday_first == 0 and not week_day.startswith("*") and holds(week_day, 7, 0, 7)
    )
    both = day.startswith("*") or week_day.startswith("*")
    return (
        holds(minute, wall.minute, 0, 59)
        and holds(hour, wall.hour, 0, 23)
        and holds(month, wall.month, 1, 12)
        and ((by_day and by_week) if both else (by_day or by_week))
    )


@settings(max_examples=40, deadline=None)
@given(EXPRESSIONS)
def test_it_fires_in_the_minutes_that_fit_and_in_no_other(text: str) -> None:
    end = START + LENGTH
    expected = [wall for number in range(2 * 24 * 60 + 1) if fires(text, wall := START + timedelta(minutes=number))]
    assert list(parse_cron(text).walls(START, START, end)) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("@daily", "0 0 * * *"),
        ("@Weekly", "0 0 * * 0"),
        ("0 9 * JAN,jul MON-FRI", "0 9 * 1,7 1-5"),
        ("0 9 * * 5-7", "0 9 * * 0,5,6"),
    ],
)
def test_names_mean_numbers(text: str, same: str) -> None:
    assert parse_cron(text) == parse_cron(same)


def test_one_of_two_day_fields_is_enough() -> None:
    start = datetime(2026, 2, 11)
    walls = parse_cron("0 0 13 * FRI").walls(start, start, start + timedelta(days=32))
    assert [wall.day for wall in walls] == [13, 20, 27, 6, 13]


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *",
     "5-1 * * * *", "a * * * *", "1,, * * * *", "* * * * MO", "@reboot", "1- * * * *", "¹ * * * *", "* " * 300],
)  # fmt: skip
def test_what_is_no_expression_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_cron(text)
    assert "cron" in refused.value.fields
