"""Composing without pauses of the garbage collector.

A large set of subgraphs becomes millions of small objects that all live until the end; Python's collector walks them
again and again and finds nothing, at half of the total time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Switches the cyclic collector off inside, and back on if it was on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
