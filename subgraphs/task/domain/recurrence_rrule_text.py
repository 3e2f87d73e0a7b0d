"""Reads the text of an RFC 5545 recurrence rule, such as `FREQ=MONTHLY;BYDAY=-1FR`.

Invariant: what passes is a rule of the standard within the bounds that keep it cheap to follow; COUNT and UNTIL are
taken out of it, because they belong to the series whatever its pattern is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from subgraphs.task.domain.recurrence_rrule import WEEKDAYS, DayOfWeek, Frequency, RRule
from subgraphs.task.errors import invalid

LONGEST = 1_000
LONGEST_LIST = 100
LONGEST_INTERVAL = 10_000
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,5}")
_ENDS = ("COUNT", "UNTIL")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?")
_PARTS = frozenset(
    {"FREQ", "INTERVAL", "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND"}
    | {"BYSETPOS", "WKST", *_ENDS}
)
_DATED = (Frequency.YEARLY, Frequency.MONTHLY)
_FORBIDDEN: Mapping[str, frozenset[Frequency]] = {
    "BYWEEKNO": frozenset(Frequency) - {Frequency.YEARLY},
    "BYYEARDAY": frozenset({Frequency.MONTHLY, Frequency.WEEKLY, Frequency.DAILY}),
    "BYMONTHDAY": frozenset({Frequency.WEEKLY}),
    "BYSETPOS": frozenset({Frequency.HOURLY, Frequency.MINUTELY, Frequency.SECONDLY}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRule:
    """A rule's pattern, and what its text says of the series' end."""

    pattern: RRule
    count: int | None
    until: datetime | None


def parse_rrule(text: str, zone: ZoneInfo) -> ReadRule:
    """Reads a rule; an UNTIL without a zone is a wall time in `zone`.

    Raises:
        DomainError: invalid, naming what cannot be read or is not allowed.
    """
    parts = _split(text)
    try:
        frequency = Frequency(parts.get("FREQ", ""))
    except ValueError:
        raise _wrong(f"FREQ must be one of {', '.join(Frequency)}") from None
    for name, frequencies in _FORBIDDEN.items():
        if name in parts and frequency in frequencies:
            raise _wrong(f"{name} does not go with FREQ={frequency}")
    rule = RRule(
        frequency=frequency,
        interval=_one(parts, "INTERVAL", 1, LONGEST_INTERVAL) or 1,
        months=_many(parts, "BYMONTH", 1, 12),
        weeks=_many(parts, "BYWEEKNO", 1, 53, signed=True),
        year_days=_many(parts, "BYYEARDAY", 1, 366, signed=True),
        month_days=_many(parts, "BYMONTHDAY", 1, 31, signed=True),
        week_days=_week_days(parts, frequency),
        hours=_many(parts, "BYHOUR", 0, 23),
        minutes=_many(parts, "BYMINUTE", 0, 59),
        seconds=_many(parts, "BYSECOND", 0, 59),
        positions=_many(parts, "BYSETPOS", 1, 366, signed=True),
        week_start=_week_start(parts),
    )
    if rule.positions and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise _wrong("BYSETPOS needs another BY part to choose from")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _wrong("COUNT and UNTIL exclude each other")
    until = parts.get("UNTIL")
    return ReadRule(
        pattern=rule,
        count=_one(parts, "COUNT", 1, 99_999),
        until=None if until is None else _until(until, zone),
    )


def without_ends(text: str) -> str:
    """The rule in upper case, without COUNT and UNTIL."""
    parts = _split(text)
    return ";".join(f"{name}={value}" for name, value in parts.items() if name not in _ENDS)


def _split(text: str) -> dict[str, str]:
    if len(text) > LONGEST:
        raise _wrong(f"A rule has at most {LONGEST} characters")
    parts: dict[str, str] = {}
    for item in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = item.partition("=")
        if name not in _PARTS or not equals or not value:
            raise _wrong(f"A rule is made of parts such as FREQ=DAILY, not {item[:40]!r}")
        if name in parts:
            raise _wrong(f"{name} stands twice")
        parts[name] = value
    return parts


def _one(parts: Mapping[str, str], name: str, lowest: int, highest: int) -> int | None:
    text = parts.get(name)
    return None if text is None else _number(name, text, lowest, highest, signed=False)


def _many(parts: Mapping[str, str], name: str, lowest: int, highest: int, *, signed: bool = False) -> tuple[int, ...]:
    text = parts.get(name)
    if text is None:
        return ()
    items = text.split(",")
    if len(items) > LONGEST_LIST:
        raise _wrong(f"{name} has more than {LONGEST_LIST} values")
    return tuple(dict.fromkeys(_number(name, item, lowest, highest, signed=signed) for item in items))


def _number(name: str, text: str, lowest: int, highest: int, *, signed: bool) -> int:
    number = int(text) if _NUMBER.fullmatch(text) and text.isascii() else None
    size = None if number is None else abs(number) if signed else number
    if number is None or size is None or not lowest <= size <= highest:
        sign = " or negative" if signed else ""
        raise _wrong(f"{name} must be {lowest} to {highest}{sign}, not {text[:20]!r}")
    return number


def _week_days(parts: Mapping[str, str], frequency: Frequency) -> tuple[DayOfWeek, ...]:
    text = parts.get("BYDAY")
    if text is None:
        return ()
    found = []
    for item in text.split(","):
        match = _DAY.fullmatch(item)
        if match is None:
            raise _wrong(f"BYDAY takes days such as MO or -1FR, not {item[:20]!r}")
        nth = None if match[1] is None else int(match[1])
        if nth is not None and (frequency not in _DATED or "BYWEEKNO" in parts):
            raise _wrong("BYDAY takes a number only with FREQ=MONTHLY or YEARLY and without BYWEEKNO")
        if nth is not None and not 1 <= abs(nth) <= 53:
            raise _wrong(f"BYDAY takes numbers from 1 to 53, not {nth}")
        found.append(DayOfWeek(WEEKDAYS.index(match[2]), nth))
    if len(found) > LONGEST_LIST:
        raise _wrong(f"BYDAY has more than {LONGEST_LIST} values")
    return tuple(dict.fromkeys(found))


def _week_start(parts: Mapping[str, str]) -> int:
    text = parts.get("WKST", "MO")
    if text not in WEEKDAYS:
        raise _wrong(f"WKST must be one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(text)


def _until(text: str, zone: ZoneInfo) -> datetime:
    match = _UNTIL.fullmatch(text)
    try:
        if match is not None:
            # A date alone means the whole of that day.
            moment = datetime.fromisoformat(f"{match[1]}T{match[2] or '235959'}")
            return moment.replace(tzinfo=UTC if match[3] else zone).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _wrong(f"UNTIL must look like 20301231 or 20301231T235959Z, not {text[:20]!r}")


def _wrong(reason: str) -> Exception:
    return invalid("rrule", reason)
