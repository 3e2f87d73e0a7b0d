"""Waiting for conditions in tests that have no event loop."""

import time
from collections.abc import Callable


def eventually_now(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Return as soon as `condition` holds. Raises TimeoutError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {seconds} s")
        time.sleep(0.005)
