"""Recurrence rules of RFC 5545, 3.3.10: what they name, period by period.

Rules for a day or longer go through the periods of their frequency (years, months, weeks, days), take the dates of each
that fit, then the times of those dates, then the positions that BYSETPOS names. Rules within a day go through the dates
and take the hours, minutes or seconds that are whole intervals away from the start. What the standard forbids is
refused, not guessed; BYSETPOS is not taken within a day.

Invariant: the wall times are those of the standard for a start that fits its own rule; a start that does not fit is not
an occurrence (the standard leaves that open).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from subgraphs.task.domain.recurrence_patterns import days, times_of

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Frequency(StrEnum):
    """How long a period of a rule is."""

    YEARLY = "YEARLY"
    MONTHLY = "MONTHLY"
    WEEKLY = "WEEKLY"
    DAILY = "DAILY"
    HOURLY = "HOURLY"
    MINUTELY = "MINUTELY"
    SECONDLY = "SECONDLY"


SECONDS = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}
"""The periods within a day."""


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    """A weekday (0 is Monday); with `nth` only the nth of the month or year, negative from its end."""

    weekday: int
    nth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RRule:
    """Implements `Pattern`; an empty part is one that the rule does not have."""

    frequency: Frequency
    interval: int = 1
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    week_days: tuple[DayOfWeek, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def within_day(self) -> bool:
        return self.frequency in SECONDS

    def walls(self, start: datetime, since: datetime, limit: datetime) -> Iterator[datetime]:
        since = max(start, since)
        found = self._within_days(start, since, limit) if self.within_day else self._by_period(start, since, limit)
        for wall in found:
            if wall > limit:
                return
            if wall >= start:
                yield wall

    def _by_period(self, start: datetime, since: datetime, limit: datetime) -> Iterator[datetime]:
        times = times_of(self.hours or (start.hour,), self.minutes or (start.minute,), self.seconds or (start.second,))
        for first, last in self._periods(start.date(), since.date(), limit.date()):
            dates = [day for day in days(first, last) if self._fits(day, start)]
            walls = [datetime.combine(day, moment) for day in dates for moment in times]
            yield from walls if not self.positions else _at(walls, self.positions)

    def _periods(self, start: date, since: date, limit: date) -> Iterator[tuple[date, date]]:
        """The first and last date of each period, from the one that holds `since` on."""
        match self.frequency:
            case Frequency.YEARLY:
                for year in range(_next(start.year, since.year, self.interval), limit.year + 1, self.interval):
                    yield date(year, 1, 1), date(year, 12, 31)
            case Frequency.MONTHLY:
                begun = _next(_month(start), _month(since), self.interval)
                for number in range(begun, _month(limit) + 1, self.interval):
                    year, month = divmod(number, 12)
                    yield date(year, month + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1])
            case _:
                length = 7 if self.frequency is Frequency.WEEKLY else 1
                into = (start.weekday() - self.week_start) % 7 if length == 7 else 0
                first = start.toordinal() - into
                step = self.interval * length
                begun = first + max(0, (since.toordinal() - first) // step) * step
                for number in range(max(begun, 1), limit.toordinal() + 1, step):
                    yield date.fromordinal(number), date.fromordinal(min(number + length - 1, date.max.toordinal()))

    def _within_days(self, start: datetime, since: datetime, limit: datetime) -> Iterator[datetime]:
        unit = SECONDS[self.frequency]
        units_a_day = 86_400 // unit
        before = (start.hour * 3600 + start.minute * 60 + start.second) // unit
        # The times of a day depend only on where its first interval ends: a few patterns come again and again.
        known: dict[int, list[time]] = {}
        for day in days(since.date(), limit.date()):
            if not self._fits(day, start):
                continue
            first = (before - (day - start.date()).days * units_a_day) % self.interval
            if first not in known:
                numbers = range(first, units_a_day, self.interval)
                known[first] = [moment for number in numbers for moment in self._in_unit(number * unit, start)]
            for moment in known[first]:
                yield datetime.combine(day, moment)

    def _in_unit(self, second: int, start: datetime) -> Iterator[time]:
        """The times of the unit that begins at a second of the day: finer parts expand it, coarser ones limit it."""
        hour, minute, rest = second // 3600, second // 60 % 60, second % 60
        unit = SECONDS[self.frequency]
        minutes = sorted(self.minutes or (start.minute,)) if unit == 3600 else (minute,)
        seconds = sorted(self.seconds or (start.second,)) if unit >= 60 else (rest,)
        for moment in times_of((hour,), minutes, seconds):
            if (
                (not self.hours or moment.hour in self.hours)
                and (not self.minutes or moment.minute in self.minutes)
                and (not self.seconds or moment.second in self.seconds)
            ):
                yield moment

    def _fits(self, day: date, start: datetime) -> bool:
        """Whether the date passes every part; parts that the rule lacks are taken from the start."""
        months, month_days, week_days = self.months, self.month_days, self.week_days
        if not (self.weeks or self.year_days or month_days or week_days):
            if self.frequency is Frequency.YEARLY:
                months, month_days = months or (start.month,), (start.day,)
            elif self.frequency is Frequency.MONTHLY:
                month_days = (start.day,)
            elif self.frequency is Frequency.WEEKLY:
                week_days = (DayOfWeek(start.weekday()),)
        return (
            (not months or day.month in months)
            and (not month_days or _either(day.day, monthrange(day.year, day.month)[1], month_days))
            and (not self.year_days or _either(_day_of_year(day), _day_of_year(date(day.year, 12, 31)), self.year_days))
            and (not self.weeks or self._in_weeks(day))
            and (not week_days or any(self._is(day, one) for one in week_days))
        )

    def _is(self, day: date, wanted: DayOfWeek) -> bool:
        if day.weekday() != wanted.weekday:
            return False
        if wanted.nth is None:
            return True
        if self.frequency is Frequency.MONTHLY or self.months:
            position, length = day.day, monthrange(day.year, day.month)[1]
        else:
            position, length = _day_of_year(day), _day_of_year(date(day.year, 12, 31))
        return (position - 1) // 7 + 1 == wanted.nth or -((length - position) // 7 + 1) == wanted.nth

    def _in_weeks(self, day: date) -> bool:
        # A week belongs to the year that has most of its days.
        middle = day.toordinal() - (day.weekday() - self.week_start) % 7 + 3
        if middle > date.max.toordinal():
            return False
        year = date.fromordinal(middle).year
        number = (middle - date(year, 1, 1).toordinal()) // 7 + 1
        after = (date(year, 12, 31).toordinal() - middle) // 7 + 1
        return number in self.weeks or -after in self.weeks


def _at(walls: list[datetime], positions: tuple[int, ...]) -> list[datetime]:
    count = len(walls)
    wanted = {position - 1 if position > 0 else count + position for position in positions}
    return [walls[index] for index in sorted(wanted) if 0 <= index < count]


def _either(value: int, length: int, wanted: tuple[int, ...]) -> bool:
    return value in wanted or value - length - 1 in wanted


def _next(first: int, since: int, interval: int) -> int:
    """The last period at or before `since`."""
    return first + max(0, (since - first) // interval) * interval


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday
