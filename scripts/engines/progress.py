"""Says what takes time and how long it took; one line per thing, also when several run at once."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

Say = Callable[[str], None]
STILL_AT_IT_SECONDS = 20.0


def say(line: str) -> None:
    """Print to the real stderr, so that a test runner's capture does not swallow a two-minute build."""
    print(line, file=sys.__stderr__, flush=True)


@contextlib.contextmanager
def step(what: str, tell: Say = say) -> Iterator[None]:
    """Announce `what`, remind every 20 s that it goes on, and say at the end how long it took."""
    began = time.monotonic()
    over = threading.Event()

    def remind() -> None:
        while not over.wait(STILL_AT_IT_SECONDS):
            tell(f"  {what}: still at it after {time.monotonic() - began:.0f} s")

    tell(f"  {what} ...")
    watcher = threading.Thread(target=remind, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    tell(f"  {what}: done in {time.monotonic() - began:.1f} s")
