"""From times on the wall to instants: what a rule means on the days when clocks are turned.

A rule speaks of wall times in a zone. Those of a day or longer happen once: a time that the clock jumps over happens as
much later as the jump is long (RFC 5545, 3.3.5), a time that the clock shows twice happens the first time. Rules within
a day follow real time: what the clock jumps over does not happen, what it shows twice happens twice. An hourly rule is
thus hourly also in those nights, and "every day at 02:30" is neither lost nor doubled.

Invariant: instants come in ascending order and each one once.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from zoneinfo import ZoneInfo


def instants(walls: Iterable[datetime], zone: ZoneInfo, *, within_day: bool) -> Iterator[datetime]:
    """The instants of ascending wall times without zone."""
    waiting: list[datetime] = []
    last: datetime | None = None
    for wall in walls:
        first, second = _reading(wall, zone, 0), _reading(wall, zone, 1)
        # Nothing that follows can come before this: a later wall time is later in either reading.
        floor = min(first, second)
        while waiting and waiting[0] < floor:
            instant = heappop(waiting)
            if instant != last:
                yield (last := instant)
        for instant in _meant(wall, first, second, zone, within_day=within_day):
            heappush(waiting, instant)
    while waiting:
        instant = heappop(waiting)
        if instant != last:
            yield (last := instant)


def on_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, without zone."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _meant(
    wall: datetime, first: datetime, second: datetime, zone: ZoneInfo, *, within_day: bool
) -> tuple[datetime, ...]:
    if first == second or not within_day:
        return (first,)
    return (first, second) if on_wall(first, zone) == wall else ()


def _reading(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
