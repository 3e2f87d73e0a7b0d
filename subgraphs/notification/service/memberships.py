"""Membership snapshots: who has left a workspace is told nothing more of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from subgraphs.notification.service.ports import Directory, Memberships


async def departed(
    workspace_id: UUID, user_ids: Collection[UUID], memberships: Memberships, directory: Directory
) -> set[UUID]:
    """Who of them has left the workspace.

    A snapshot that says "removed" may be older than a return whose event is still on its way, so its owner is asked
    before somebody goes untold; a snapshot that is missing says nothing, and the event is believed.
    """
    gone = set()
    for user_id, snapshot in (await memberships.find(workspace_id, user_ids)).items():
        if not snapshot.is_removed:
            continue
        current = await directory.membership(workspace_id, user_id)
        if current is None or current.is_removed:
            gone.add(user_id)
        else:
            await memberships.keep(current)
    return gone
