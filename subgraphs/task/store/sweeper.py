"""Deletes what is over: answers whose time has passed, events that no redelivery can bring again.

Invariant: a step deletes a bounded number of rows in a transaction of its own and waits for nobody, so it never stands
in the way; several processes may sweep at once.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from kit.telemetry import logger
from subgraphs.task.store.connection import Pool

BATCH = 1_000
PAUSE_SECONDS = 60.0
EVENTS_KEPT = timedelta(days=30)
"""Longer than Kafka keeps events, so a redelivered one is always still known."""

_ANSWERS = """
DELETE FROM idempotency_answers WHERE (owner, key, field) IN (
  SELECT owner, key, field FROM idempotency_answers WHERE expires_at < now()
  ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
"""
_EVENTS = """
DELETE FROM inbox WHERE (consumer, event_id) IN (
  SELECT consumer, event_id FROM inbox WHERE at < now() - $2::interval ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED
)
"""
_STEPS: Sequence[tuple[str, tuple[object, ...]]] = ((_ANSWERS, ()), (_EVENTS, (EVENTS_KEPT,)))

_log = logger("task.sweeper")


class Sweeper:
    """Sweeps now and then, for as long as the process runs."""

    def __init__(self, pool: Pool, *, batch: int = BATCH, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._pool = pool
        self._batch = batch
        self._pause_seconds = pause_seconds

    async def run(self) -> None:
        """Until it is cancelled; an outage is waited out."""
        while True:
            try:
                await self.sweep()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                _log.warning("sweeping failed", reason=str(error))
            await asyncio.sleep(self._pause_seconds)

    async def sweep(self) -> int:
        """Everything that is over now, step by step; how many rows that was."""
        return sum([await self._step(statement, values) for statement, values in _STEPS])

    async def _step(self, statement: str, values: Sequence[object]) -> int:
        total = 0
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute("SET LOCAL taskflow.sweeping = 'on'")
                # The answer of a DELETE is its command tag: "DELETE 42".
                deleted = int((await connection.execute(statement, self._batch, *values)).split()[1])
            total += deleted
            if deleted < self._batch:
                return total
