"""Owns unsent and applied events in PostgreSQL: tables `outbox` and `inbox`, which the service's migrations create.

Rows of one key must be written under a lock that their writers share (the row of the aggregate): then within a key the
order of `seq` is the order of commits, and nothing older can appear once something newer is seen. Rows are found by
being there and deleted when sent, never by a position, so a transaction that commits late is not skipped.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from kit.kafka.envelope import Envelope
from kit.kafka.pending import Pending

TABLES = """
CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  topic text NOT NULL,
  key text NOT NULL,
  tenant uuid,
  time timestamptz NOT NULL,
  traceparent text,
  data bytea NOT NULL
);
CREATE INDEX outbox_by_key ON outbox (key);
CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  applied boolean NOT NULL DEFAULT true,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);
"""
"""What the tables must at least have."""

_COLUMNS = "seq, id, topic, key, tenant, time, traceparent, data"
_OF = f"SELECT {_COLUMNS} FROM outbox WHERE key = ANY($1) ORDER BY seq"  # noqa: S608 - constants
_LEFT = f"""
SELECT {_COLUMNS} FROM outbox WHERE time < now() - make_interval(secs => $2) ORDER BY seq LIMIT $1
"""  # noqa: S608 - constants
_SENT = "DELETE FROM outbox WHERE seq = ANY($1)"
_AGE = "SELECT coalesce(extract(epoch FROM now() - min(time)), 0)::float8 FROM outbox"
_SWEEP_LOCK = 7_204_117
_ADD = """
INSERT INTO outbox (id, topic, key, tenant, time, traceparent, data)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[], $6::text[], $7::bytea[])
"""
_FIRST = "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true"


async def add_events(connection: Any, events: Sequence[Envelope]) -> None:
    """Writes events into the transaction of their change. After the commit: `WakeUp.committed(*subjects)`."""
    await connection.execute(
        _ADD,
        [event.id for event in events],
        [event.type for event in events],
        [event.subject for event in events],
        [event.tenant for event in events],
        [event.time for event in events],
        [event.traceparent for event in events],
        [event.data for event in events],
    )


async def first_time(connection: Any, group: str, event_id: UUID) -> bool:
    """Records that a group applies an event, in the transaction of the effect; False when it did so before."""
    return await connection.fetchval(_FIRST, group, event_id) is True


class PostgresPending:
    """Implements `PendingEvents`; places are keys."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], source: str) -> None:
        self._pool = pool
        self._source = source

    async def of(self, places: Sequence[Hashable]) -> Sequence[Pending]:
        return self._read(await self._pool.fetch(_OF, list(places)))

    @asynccontextmanager
    async def left_behind(self, limit: int, older_than_seconds: float) -> AsyncIterator[Sequence[Pending]]:
        # The lock only spares repetitions. It ends with the transaction, so a relay that dies or hangs (the server ends
        # idle transactions) leaves nothing behind.
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _SWEEP_LOCK):
                yield self._read(await connection.fetch(_LEFT, limit, older_than_seconds))
            else:
                yield ()

    async def mark_sent(self, events: Sequence[Pending]) -> None:
        await self._pool.execute(_SENT, [pending.place for pending in events])

    async def oldest_age_seconds(self) -> float:
        age: float = await self._pool.fetchval(_AGE)
        return age

    def _read(self, rows: Sequence[asyncpg.Record]) -> list[Pending]:
        return [
            Pending(
                Envelope(
                    id=row["id"],
                    type=row["topic"],
                    source=self._source,
                    time=row["time"],
                    subject=row["key"],
                    tenant=row["tenant"],
                    data=row["data"],
                    traceparent=row["traceparent"],
                ),
                row["seq"],
            )
            for row in rows
        ]
