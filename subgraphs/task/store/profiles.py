"""Rows of replicated profiles. Invariant: an older version never replaces a newer one."""

from collections.abc import Collection
from uuid import UUID

from subgraphs.task.domain.profiles import Profile
from subgraphs.task.store.connection import Connection

_PUT = """
INSERT INTO profiles AS known (id, email, display_name, avatar_url, locale, time_zone, version)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET email = excluded.email, display_name = excluded.display_name,
  avatar_url = excluded.avatar_url, locale = excluded.locale, time_zone = excluded.time_zone, version = excluded.version
WHERE known.version < excluded.version
RETURNING true
"""
_WITH_EMAILS = "SELECT lower(email) AS email, id FROM profiles WHERE lower(email) = ANY ($1::text[])"
_FIND = """
SELECT id, email, display_name, avatar_url, locale, time_zone, version FROM profiles WHERE id = ANY ($1::uuid[])
"""


class ProfileRows:
    """Implements the port `Profiles`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, profile: Profile) -> bool:
        stored = await self._connection.fetchval(
            _PUT,
            profile.id,
            profile.email,
            profile.display_name,
            profile.avatar_url,
            profile.locale,
            profile.time_zone,
            profile.version,
        )
        return stored is True

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Profile]:
        rows = await self._connection.fetch(_FIND, list(ids))
        return {row["id"]: Profile(**dict(row)) for row in rows}

    async def with_emails(self, emails: Collection[str]) -> dict[str, UUID]:
        rows = await self._connection.fetch(_WITH_EMAILS, list(emails))
        return {row["email"]: row["id"] for row in rows}
