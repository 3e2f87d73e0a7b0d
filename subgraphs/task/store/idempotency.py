"""Rows of requests under idempotency keys.

Invariant: an answer is kept in the commit of its effect, so a key outlives no failed request. Whoever uses a key holds
its advisory lock until the commit, taken before anything is read, so a second run finds the first one's answer.
"""

import hashlib

from kit.idempotency import AlreadyAnswered, KeyUse, mismatch
from subgraphs.task.store.answers import keep, read
from subgraphs.task.store.connection import Connection

_WAIT_MS = 2_000
_EARLIER = "SELECT field, fingerprint, answer FROM idempotency_answers WHERE owner = $1 AND key = $2"
_KEEP = """
INSERT INTO idempotency_answers (owner, key, field, fingerprint, answer, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + $6)
"""


def locking(use: KeyUse) -> str:
    """What a transaction begins with. Inlined: only a number of our own making gets here."""
    digest = hashlib.blake2b(f"{use.owner}\0{use.key}".encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "big", signed=True)
    wait = f"SET LOCAL lock_timeout = {_WAIT_MS}"
    return f"{wait}; SELECT pg_advisory_xact_lock({number}); SET LOCAL lock_timeout = 0"


class KeyRow:
    """One use of a key, whose lock the transaction holds."""

    __slots__ = ("_connection", "_kept", "_use")

    def __init__(self, connection: Connection, use: KeyUse) -> None:
        self._connection = connection
        self._use = use
        self._kept = False

    async def look(self) -> None:
        """Raises AlreadyAnswered, or DomainError IDEMPOTENCY_MISMATCH."""
        for row in await self._connection.fetch(_EARLIER, self._use.owner, self._use.key):
            if row["fingerprint"] != self._use.fingerprint:
                raise mismatch(self._use.key)
            if row["field"] == self._use.field:
                raise AlreadyAnswered(read(row["answer"]))

    async def keep(self, answer: object) -> None:
        use = self._use
        values = (use.owner, use.key, use.field, use.fingerprint, keep(answer), use.kept)
        await self._connection.execute(_KEEP, *values)
        self._kept = True

    def check_kept(self) -> None:
        """Raises RuntimeError for a mutation that said nothing: it would be done again."""
        if not self._kept:
            raise RuntimeError(f"{self._use.field} answered nothing to keep")
