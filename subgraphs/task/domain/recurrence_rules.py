"""When a series happens: a pattern in a time zone, from a start to an end, without its exceptions.

`occurrences` is a pure function of the rule and of the zone data: everything that decides about time in a recurrence
asks it, whether to preview, to wait or to catch up.

Invariant: a checked rule is cheap to follow from any point of time, however old its series is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice, pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from subgraphs.task.domain.recurrence_cron import parse_cron
from subgraphs.task.domain.recurrence_patterns import Pattern
from subgraphs.task.domain.recurrence_rrule_text import parse_rrule, without_ends
from subgraphs.task.domain.recurrence_times import instants, on_wall
from subgraphs.task.errors import invalid

T = TypeVar("T")

MOST_COUNT = 1_000
MOST_EXCEPTIONS = 500
SHORTEST_PACE = timedelta(minutes=5)
_SEARCHED = timedelta(days=366 * 45)  # 29 February on one weekday comes again after at most 40 years
_LATEST = datetime(2500, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_PACED = 200


class RuleKind(StrEnum):
    """The language of a rule."""

    RRULE = "RRULE"
    CRON = "CRON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A checked rule; `count` is of the pattern's occurrences, with those that are excepted."""

    kind: RuleKind
    text: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime | None = None
    count: int | None = None
    exceptions: frozenset[datetime] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """What a caller says about a rule: one of `rrule` and `cron`."""

    time_zone: str
    rrule: str | None = None
    cron: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    count: int | None = None
    exceptions: Sequence[datetime] = ()


def check_rule(draft: RuleDraft, *, now: datetime, shortest: timedelta = SHORTEST_PACE) -> Rule:
    """The rule of a draft; it begins now when the draft says nothing else.

    Raises:
        DomainError: invalid, naming the first wrong field.
    """
    zone = _zone(draft.time_zone)
    if (draft.rrule is None) == (draft.cron is None):
        raise invalid("rule", "A rule has either an rrule or a cron expression")
    count, until = draft.count, draft.ends_at
    if draft.rrule is not None:
        read = parse_rrule(draft.rrule, zone)
        count = _only_one("count", count, read.count)
        until = _only_one("endsAt", until, read.until)
        kind, text = RuleKind.RRULE, without_ends(draft.rrule)
    else:
        parse_cron(draft.cron or "")
        kind, text = RuleKind.CRON, " ".join((draft.cron or "").split())
    if count is not None and not 1 <= count <= MOST_COUNT:
        raise invalid("count", f"A series has at most {MOST_COUNT} counted occurrences; use an end instead")
    rule = Rule(
        kind=kind,
        text=text,
        time_zone=draft.time_zone,
        starts_at=_instant("startsAt", now if draft.starts_at is None else draft.starts_at),
        ends_at=None if until is None else _instant("endsAt", until),
        count=count,
        exceptions=_exceptions(draft.exceptions),
    )
    _check_happens(rule, now, shortest)
    return rule


def occurrences(rule: Rule, after: datetime) -> Iterator[datetime]:
    """The instants of the series behind `after`, in order; the search ends some decades ahead."""
    zone, pattern = ZoneInfo(rule.time_zone), _pattern(rule)
    start = on_wall(rule.starts_at, zone)
    begin = max(rule.starts_at, after, _EARLIEST)
    if begin > _LATEST:
        return  # the search would end where there are no dates any more
    end = min(begin + _SEARCHED, _LATEST, rule.ends_at or _LATEST)
    if begin > end:
        return
    # A day of margin on both sides: wall times may be up to that far from their instants' own.
    since = start if rule.count else on_wall(begin, zone) - timedelta(days=1)
    walls = pattern.walls(start, since, on_wall(end, zone) + timedelta(days=1))
    counted = islice(walls, rule.count) if rule.count else walls
    for instant in instants(counted, zone, within_day=pattern.within_day):
        if instant > end:
            return
        if instant > after and instant >= rule.starts_at and instant not in rule.exceptions:
            yield instant


def _pattern(rule: Rule) -> Pattern:
    return _read(rule.kind, rule.text, rule.time_zone)


@lru_cache(maxsize=1_000)
def _read(kind: RuleKind, text: str, time_zone: str) -> Pattern:
    return parse_cron(text) if kind is RuleKind.CRON else parse_rrule(text, ZoneInfo(time_zone)).pattern


def _check_happens(rule: Rule, now: datetime, shortest: timedelta) -> None:
    if next(occurrences(rule, now), None) is None:
        raise invalid("rule", "The rule has no occurrence in the future")
    # From a pace ago: a series that begins now has its first occurrence in the second that has begun already.
    first = islice(occurrences(rule, now - shortest), _PACED)
    if any(later - earlier < shortest for earlier, later in pairwise(first)):
        raise invalid("rule", f"Occurrences must be at least {int(shortest.total_seconds())} seconds apart")


def _zone(name: str) -> ZoneInfo:
    if name not in _zones():
        raise invalid("timeZone", "There is no such time zone; its name is one such as Europe/Berlin")
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _only_one(name: str, given: T | None, read: T | None) -> T | None:
    if given is not None and read is not None:
        raise invalid(name, f"{name} stands in the rule already")
    return read if given is None else given


def _exceptions(given: Sequence[datetime]) -> frozenset[datetime]:
    if len(given) > MOST_EXCEPTIONS:
        raise invalid("exceptions", f"A series has at most {MOST_EXCEPTIONS} exceptions")
    return frozenset(_instant("exceptions", one) for one in given)


def _instant(name: str, given: datetime) -> datetime:
    if given.tzinfo is None:
        raise invalid(name, f"{name} must carry an offset, such as 2030-01-31T17:00:00Z")
    try:
        instant = given.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise invalid(name, f"{name} is out of range") from None
    if not _EARLIEST <= instant <= _LATEST:
        raise invalid(name, f"{name} is out of range")
    return instant
