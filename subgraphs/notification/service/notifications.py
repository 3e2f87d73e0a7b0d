"""A user's own inbox: read it, mark it, put things away and off. Somebody else's is as if it did not exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kit.clock import Clock
from kit.errors import invalid
from subgraphs.notification.domain.notifications import Entry, Filter, Inbox, to_millis
from subgraphs.notification.errors import notification_not_found
from subgraphs.notification.service.ports import Inboxes

LONGEST_SNOOZE = timedelta(days=366)


async def list_notifications(
    viewer: UUID, shown: Filter, inboxes: Inboxes, *, limit: int, before: int | None = None
) -> Sequence[Entry]:
    """The newest first, beginning below the number `before`."""
    return await inboxes.page(viewer, shown, limit=limit, before=before)


async def count_unread(viewer: UUID, inboxes: Inboxes) -> int:
    """The count that the inbox keeps."""
    return (await inboxes.inbox(viewer)).unread


async def find_notifications(viewer: UUID, ids: Collection[UUID], inboxes: Inboxes) -> Mapping[UUID, Entry]:
    """Those of the ids that stand in the viewer's inbox."""
    return await inboxes.find(viewer, ids)


async def mark_read(viewer: UUID, notification_id: UUID, inboxes: Inboxes, clock: Clock) -> tuple[Entry, Inbox]:
    """Marks one as read; a second time changes nothing.

    Raises:
        DomainError: of kind not_found, also when it is somebody else's. So do the rest.
    """
    return _known(await inboxes.mark_read(viewer, notification_id, to_millis(clock.now())))


async def mark_all_read(viewer: UUID, inboxes: Inboxes, clock: Clock) -> tuple[int, Inbox]:
    """Marks what stands in the inbox now; what comes later is unread."""
    return await inboxes.mark_all_read(viewer, to_millis(clock.now()))


async def archive(viewer: UUID, notification_id: UUID, inboxes: Inboxes, clock: Clock) -> tuple[Entry, Inbox]:
    """Reads it and puts it away; a second time changes nothing."""
    return _known(await inboxes.archive(viewer, notification_id, to_millis(clock.now())))


async def snooze(
    viewer: UUID, notification_id: UUID, until: datetime, inboxes: Inboxes, clock: Clock
) -> tuple[Entry, Inbox]:
    """Reads it and puts it off until a moment, when it comes back as if it were new.

    Raises:
        DomainError: of kind invalid, when the moment has passed or is more than a year away.
    """
    now = clock.now()
    if until.tzinfo is None or not now < until <= now + LONGEST_SNOOZE:
        raise invalid("`until` must lie in the future, within a year, and name its offset.", until="out of range")
    return _known(await inboxes.snooze(viewer, notification_id, to_millis(until), to_millis(now)))


async def bring_back(viewer: UUID, notification_id: UUID, inboxes: Inboxes, clock: Clock) -> tuple[Entry, Inbox]:
    """Puts it back into the inbox: what was archived where it stood, what was snoozed on top and unread."""
    return _known(await inboxes.bring_back(viewer, notification_id, to_millis(clock.now())))


def _known(found: tuple[Entry, Inbox] | None) -> tuple[Entry, Inbox]:
    if found is None:
        raise notification_not_found()
    return found
