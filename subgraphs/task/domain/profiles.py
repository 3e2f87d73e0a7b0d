"""The replicated profile of a user. Invariant: a stored profile never goes back to an older version."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What this service knows of a user; the auth service owns it."""

    id: UUID
    email: str
    display_name: str
    avatar_url: str | None
    locale: str
    time_zone: str
    version: int
