"""Only what lies before the first unfinished record may be committed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kit.kafka.offsets import Progress


def test_nothing_is_committable_at_first() -> None:
    assert Progress().committable() is None


def test_a_record_in_flight_holds_back_what_is_done_behind_it() -> None:
    progress = Progress()
    one, two = progress.begin(5), progress.begin(6)
    two.done = True
    assert progress.committable() is None
    one.done = True
    assert progress.committable() == 7
    progress.committed(7)
    assert progress.committable() is None
    assert progress.in_flight == 0


@given(st.permutations(range(12)), st.integers(0, 12))
def test_in_any_order_exactly_the_finished_prefix_is_committable(order: list[int], count: int) -> None:
    progress = Progress()
    entries = [progress.begin(offset) for offset in range(12)]
    done = set(order[:count])
    for index in done:
        entries[index].done = True
    prefix = next((index for index in range(12) if index not in done), 12)
    assert progress.committable() == (prefix or None)
