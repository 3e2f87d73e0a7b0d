"""Owns what is said of attempts that fail: they are repeated until they succeed, and logs must not fill with that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import activity

from kit.telemetry import logger

_REMIND_EVERY = 30

_log = logger("workflows")


@contextmanager
def explained() -> Iterator[None]:
    """Says why an attempt of an activity failed: the first time, and now and then."""
    try:
        yield
    except Exception as error:
        info = activity.info()
        if info.attempt == 1 or info.attempt % _REMIND_EVERY == 0:
            reason = f"{type(error).__name__}: {error}"[:200]
            _log.warning("an attempt failed", workflow=info.workflow_id, attempt=info.attempt, reason=reason)
        raise
