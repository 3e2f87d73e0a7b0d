"""A person's clock."""

from __future__ import annotations

import pytest

from tests.testkit.notification.samples import BOB, NOW, profile


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "Tue 24 Nov 2026, 13:00 CET"),
        ("America/New_York", "Tue 24 Nov 2026, 07:00 EST"),
        ("", "Tue 24 Nov 2026, 12:00 UTC"),
        ("Not/AZone", "Tue 24 Nov 2026, 12:00 UTC"),
        ("../../etc/passwd", "Tue 24 Nov 2026, 12:00 UTC"),
    ],
)
def test_times_are_shown_as_the_reader_sees_them(zone: str, shown: str) -> None:
    assert profile(BOB, "Bob", time_zone=zone).local(NOW) == shown
