"""Owns waiting inside a workflow for a point in time that may move: deterministic, and woken by every change."""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow


class DeadlineTimer:
    """Waits for a time, and is woken by `changed` to be given another one."""

    def __init__(self) -> None:
        self._changes = 0

    def changed(self) -> None:
        """What the time depends on is different now."""
        self._changes += 1

    async def reached(self, at: datetime | None) -> bool:
        """True once that time has come, False as soon as something changes; with None it waits for a change."""
        seen = self._changes
        left = None if at is None else at - workflow.now()
        if left is not None and left.total_seconds() <= 0:
            return True
        try:
            await workflow.wait_condition(lambda: self._changes != seen, timeout=left)
        except TimeoutError:
            return True
        return False
