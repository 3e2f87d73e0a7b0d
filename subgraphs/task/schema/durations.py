"""Durations of the API: ISO 8601 of weeks, days, hours, minutes and seconds, such as `P1DT12H`."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Duration = NewType("Duration", timedelta)

_FORM = re.compile(r"(-)?P(?!$)(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?!$)(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?")


def parse_duration(value: Any) -> timedelta:
    """Raises GraphQLError, as any scalar does, when the value is no duration."""
    match = _FORM.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if match is None:
        raise GraphQLError("A duration is written in ISO 8601 without months and years, such as P1DT12H.")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] else length


def write_duration(length: timedelta) -> str:
    """The shortest form."""
    sign, length = ("-", -length) if length < timedelta() else ("", length)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    time = "".join(f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if value)
    days = f"{length.days}D" if length.days else ""
    return f"{sign}P{days}T{time}" if time else f"{sign}P{days}" if days else "PT0S"


SCALARS: Mapping[object, ScalarDefinition] = {
    Duration: strawberry.scalar(
        name="Duration",
        description="A length of time in ISO 8601, such as PT30M or P1DT12H.",
        serialize=write_duration,
        parse_value=parse_duration,
    )
}
"""What the schema must know to carry them."""
