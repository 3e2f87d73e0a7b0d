"""Owns writing down who changed what in a workspace, in the commit of the change, and who may read it."""

from __future__ import annotations

from dataclasses import dataclass

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.auth.domain.audit import Action, Entry, EntryId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.service.membership_check import require
from subgraphs.auth.service.ports import Database, NewId, Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """Writes entries."""

    clock: Clock
    new_id: NewId

    async def note(
        self,
        stores: Stores,
        action: Action,
        workspace_id: WorkspaceId,
        actor: UserId | None,
        subject: UserId | None = None,
        **details: str,
    ) -> None:
        """Adds an entry to the transaction of the change. Details are words of the product, names and addresses."""
        entry = Entry(
            id=EntryId(self.new_id()),
            workspace_id=workspace_id,
            at=self.clock.now(),
            action=action,
            actor_id=actor,
            subject_id=subject,
            details=details,
        )
        await stores.audit.add(entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLog:
    """Use cases of the audit log."""

    database: Database

    async def page(
        self, viewer: UserId, workspace_id: WorkspaceId, *, first: int, after: EntryId | None
    ) -> tuple[list[Entry], bool]:
        """Newest first, and whether there are more. Raises NOT_FOUND, FORBIDDEN."""
        await require(self.database, workspace_id, viewer, Permission.AUDIT_READ)
        found = await self.database.audit.page(workspace_id, after=after, limit=first + 1)
        return found[:first], len(found) > first
