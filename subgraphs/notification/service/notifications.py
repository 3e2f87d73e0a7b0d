"""A user's own inbox: read it and mark it. Somebody else's is as if it did not exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from kit.clock import Clock
from subgraphs.notification.domain.notifications import Entry, Inbox, to_millis
from subgraphs.notification.errors import notification_not_found
from subgraphs.notification.service.ports import Inboxes


async def list_notifications(
    viewer: UUID, inboxes: Inboxes, *, limit: int, before: int | None = None, unread_only: bool = False
) -> Sequence[Entry]:
    """The newest first, beginning below the number `before`."""
    return await inboxes.page(viewer, limit=limit, before=before, unread_only=unread_only)


async def count_unread(viewer: UUID, inboxes: Inboxes) -> int:
    """The count that the inbox keeps."""
    return (await inboxes.inbox(viewer)).unread


async def find_notifications(viewer: UUID, ids: Collection[UUID], inboxes: Inboxes) -> Mapping[UUID, Entry]:
    """Those of the ids that stand in the viewer's inbox."""
    return await inboxes.find(viewer, ids)


async def mark_read(viewer: UUID, notification_id: UUID, inboxes: Inboxes, clock: Clock) -> tuple[Entry, Inbox]:
    """Marks one as read; a second time changes nothing.

    Raises:
        DomainError: of kind not_found, also when it is somebody else's.
    """
    marked = await inboxes.mark_read(viewer, notification_id, to_millis(clock.now()))
    if marked is None:
        raise notification_not_found()
    return marked


async def mark_all_read(viewer: UUID, inboxes: Inboxes, clock: Clock) -> tuple[int, Inbox]:
    """Marks what stands in the inbox now; what comes later is unread."""
    return await inboxes.mark_all_read(viewer, to_millis(clock.now()))
