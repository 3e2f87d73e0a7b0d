"""What all patterns of a recurrence share: they name wall times from a start on, and say how they mean them.

Invariant: wall times come in ascending order, none twice, none before the start or after the limit; where a pattern
never matches, the search ends at the limit.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Protocol

ONE_DAY = timedelta(days=1)


class Pattern(Protocol):
    """A rule without its start, end and exceptions."""

    @property
    def within_day(self) -> bool:
        """Whether it repeats within a day, and so follows real time where clocks are turned."""

    def walls(self, start: datetime, since: datetime, limit: datetime) -> Iterator[datetime]:
        """The wall times of a series that begins at `start`, from about `since` on, up to `limit`."""


def times_of(hours: Sequence[int], minutes: Sequence[int], seconds: Sequence[int]) -> list[time]:
    """Every combination, in order."""
    return [time(*parts) for parts in product(sorted(hours), sorted(minutes), sorted(seconds))]


def days(first: date, last: date) -> Iterator[date]:
    """Every date from the first to the last."""
    for offset in range((last - first).days + 1):
        yield first + offset * ONE_DAY
