"""Owns how the audit log of a workspace reads."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.auth.domain.audit import Entry
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.users import User


@strawberry.type(description="A detail of what was done.")
class AuditDetail:
    name: str
    value: str


@strawberry.type(description="One thing that was done in a workspace; entries are never altered.")
class AuditEntry:
    entry: strawberry.Private[Entry]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(str(self.entry.id))

    @strawberry.field(description="Such as `member.changed`.")
    def action(self) -> str:
        return self.entry.action.value

    @strawberry.field(description="When it was done.")
    def at(self) -> datetime:
        return self.entry.at

    @strawberry.field(description="Who did it; null for what happened by the clock.")
    async def actor(self, info: Info) -> User | None:
        return await _user(info, self.entry.actor_id)

    @strawberry.field(description="Whom it was done to.")
    async def subject(self, info: Info) -> User | None:
        return await _user(info, self.entry.subject_id)

    @strawberry.field(description="What else is to be known, such as the role before and after.")
    def details(self) -> list[AuditDetail]:
        return [AuditDetail(name=name, value=value) for name, value in self.entry.details.items()]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(entry=entry)


async def _user(info: Info, user_id: UserId | None) -> User | None:
    return None if user_id is None else await User.load(info, str(user_id))
