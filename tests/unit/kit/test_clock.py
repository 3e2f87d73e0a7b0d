"""A time that MongoDB keeps comes back as it was."""

from __future__ import annotations

from datetime import timedelta

from kit.clock import MillisecondClock


def test_milliseconds_are_whole_and_the_zone_is_utc() -> None:
    now = MillisecondClock().now()
    assert now.microsecond % 1000 == 0
    assert now.utcoffset() == timedelta(0)
