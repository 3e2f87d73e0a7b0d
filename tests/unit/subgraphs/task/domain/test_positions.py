"""Places on boards: there is always room, order is kept, and places stay short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.task.domain.positions import DIGITS, LONGEST, between, of_number, spread


@given(st.lists(st.integers(min_value=0, max_value=30), max_size=200))
def test_wherever_tasks_are_put_the_order_is_the_one_wanted(choices: list[int]) -> None:
    board: list[str] = []
    for choice in choices:
        at = choice % (len(board) + 1)
        low = board[at - 1] if at else ""
        high = board[at] if at < len(board) else of_number(1_000)
        board.insert(at, between(low, high))
    assert board == sorted(set(board))
    assert all(place[-1] != DIGITS[0] for place in board)


@given(st.integers(min_value=0, max_value=300), st.sampled_from([("", of_number(1)), (of_number(5), of_number(6))]))
def test_spread_places_are_in_order_between_the_bounds_and_short(count: int, bounds: tuple[str, str]) -> None:
    low, high = bounds
    places = spread(low, high, count)
    assert len(places) == count
    assert [low, *places, high] == sorted({low, *places, high})
    assert all(len(place) < LONGEST / 2 for place in places)


def test_new_tasks_stand_behind_everything_moved_to_the_end() -> None:
    last = of_number(7)
    for _ in range(50):
        last = between(last, of_number(8))
    assert of_number(7) < last < of_number(8)


@pytest.mark.parametrize(("low", "high"), [("b", "b"), ("c", "b")])
def test_bounds_out_of_order_leave_no_room(low: str, high: str) -> None:
    with pytest.raises(ValueError, match="no room"):
        between(low, high)
