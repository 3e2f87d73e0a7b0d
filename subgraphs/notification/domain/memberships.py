"""Owns the snapshot of who belongs to a workspace. A removal is kept as such: absent and removed are not the same."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A user's standing in a workspace; no role means removed. A snapshot only ever grows newer."""

    workspace_id: UUID
    user_id: UUID
    role: str | None
    version: int

    @property
    def is_removed(self) -> bool:
        return self.role is None
