"""Cron expressions: five fields (minute, hour, day of month, month, day of week) or one of the usual names.

Invariant: a day must fit both day fields, unless both are restricted: then one of them is enough, as in every cron.
A field that begins with `*` is not a restriction in that sense, also when it has a step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from subgraphs.task.domain.recurrence_patterns import days, times_of
from subgraphs.task.errors import invalid

LONGEST = 200
_NAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    words: Mapping[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Implements `Pattern`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: frozenset[int]
    months: frozenset[int]
    week_days: frozenset[int]
    every_hour: bool
    """Whether the hours begin with `*`: such a job runs within the day."""
    either_day: bool
    """Whether both day fields are restrictions, of which one is enough."""

    @property
    def within_day(self) -> bool:
        return self.every_hour

    def walls(self, start: datetime, since: datetime, limit: datetime) -> Iterator[datetime]:
        times = times_of(tuple(self.hours), tuple(self.minutes), (0,))
        for day in days(max(start, since).date(), limit.date()):
            if self._fits(day):
                for moment in times:
                    wall = datetime.combine(day, moment)
                    if start <= wall <= limit:
                        yield wall

    def _fits(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.month_days, day.isoweekday() % 7 in self.week_days
        return (by_month or by_week) if self.either_day else (by_month and by_week)


def parse_cron(text: str) -> Cron:
    """Reads an expression.

    Raises:
        DomainError: invalid, naming what cannot be read.
    """
    if len(text) > LONGEST:
        raise invalid("cron", f"A cron expression has at most {LONGEST} characters")
    parts = _NAMES.get(text.strip().lower(), text).split()
    if len(parts) != len(_FIELDS):
        raise invalid("cron", "A cron expression has five fields: minute, hour, day of month, month, day of week")
    values = [_values(field, part) for field, part in zip(_FIELDS, parts, strict=True)]
    return Cron(
        minutes=values[0],
        hours=values[1],
        month_days=values[2],
        months=values[3],
        week_days=frozenset(day % 7 for day in values[4]),
        every_hour=parts[1].startswith("*"),
        either_day=not parts[2].startswith("*") and not parts[4].startswith("*"),
    )


def _values(field: _Field, text: str) -> frozenset[int]:
    return frozenset(value for item in text.split(",") for value in _range(field, item))


def _range(field: _Field, item: str) -> range:
    span, slash, step_text = item.partition("/")
    step = _number(field, step_text) if slash else 1
    if step < 1:
        raise invalid("cron", f"The step of the {field.name} must be 1 at least")
    if span == "*":
        return range(field.lowest, min(field.highest, 6 if field.name == "day of week" else field.highest) + 1, step)
    first_text, dash, last_text = span.partition("-")
    first = _number(field, first_text)
    # `5/15` means from 5 on.
    last = _number(field, last_text) if dash else field.highest if slash else first
    if not field.lowest <= first <= last <= field.highest:
        raise invalid("cron", f"The {field.name} must be {field.lowest} to {field.highest}, in ascending order")
    return range(first, last + 1, step)


def _number(field: _Field, text: str) -> int:
    word = field.words.get(text.upper())
    if word is not None:
        return word
    if not (text.isascii() and text.isdecimal() and len(text) <= 2):
        raise invalid("cron", f"The {field.name} cannot be read: {text[:20]!r}")
    return int(text)
