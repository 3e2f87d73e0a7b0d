"""Places on boards: texts whose order, byte by byte, is the order of the tasks.

Invariant: between any two places there is another one, and a place never ends in the smallest digit, so that there is
room before it too. New tasks get a place from their number, behind everything that was ever moved to the end.
"""

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST = 40
"""A longer place means that the same gap was used again and again: then the neighbours are spread anew."""

_BASE = len(DIGITS)


def of_number(number: int) -> str:
    """Where a task begins."""
    return f"{number:08x}i"


def between(low: str, high: str | None) -> str:
    """A place behind `low` and before `high`; `low` may be empty and `high` None: there is no bound then.

    Raises:
        ValueError: `low` is not smaller than `high`.
    """
    if high is not None and low >= high:
        raise ValueError("no room: the bounds are not in order")
    shared = _shared(low, high) if high is not None else 0
    if shared and high is not None:
        return high[:shared] + between(low[shared:], high[shared:])
    least = DIGITS.index(low[0]) if low else 0
    most = DIGITS.index(high[0]) if high else _BASE
    if most - least > 1:
        return DIGITS[(least + most) // 2]
    if high is not None and len(high) > 1:
        return high[0]
    return DIGITS[least] + between(low[1:], None)


def spread(low: str, high: str | None, count: int) -> list[str]:
    """As many places in order between the bounds, as short as halving makes them."""
    if count == 0:
        return []
    middle = between(low, high)
    left = count // 2
    return [*spread(low, middle, left), middle, *spread(middle, high, count - left - 1)]


def _shared(low: str, high: str) -> int:
    """How many leading digits are the same; missing ones of `low` count as the smallest."""
    count = 0
    while count < len(high) and (low[count] if count < len(low) else DIGITS[0]) == high[count]:
        count += 1
    return count
