"""Notifications: the entity, its mutations and its live stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry import Info

from kit.graphql import fed_by_gateway, live
from kit.ids import parse_id
from subgraphs.notification.domain.deliveries import Course, Status
from subgraphs.notification.domain.notifications import Entry, Inbox
from subgraphs.notification.domain.preferences import Channel
from subgraphs.notification.errors import notification_not_found
from subgraphs.notification.schema.context import Context
from subgraphs.notification.schema.references import Project, Task, Workspace
from subgraphs.notification.service.notifications import archive, bring_back, mark_all_read, mark_read, snooze

strawberry.enum(Status, name="NotificationDeliveryStatus", description="Still to be sent, sent, or refused for good.")


@strawberry.type(description="A try at a delivery.")
class NotificationDeliveryAttempt:
    at: datetime
    reason: str | None = strawberry.field(description="What the provider said when it did not take it.")


@strawberry.type(description="How a notification left the house, on one way.")
class NotificationDelivery:
    channel: Channel
    status: Status
    attempts: list[NotificationDeliveryAttempt] = strawberry.field(description="The latest tries, the oldest first.")
    due_at: datetime | None = strawberry.field(description="When it is tried next; null when it is over.")
    ended_at: datetime | None

    @classmethod
    def of(cls, course: Course) -> Self:
        return cls(
            channel=course.channel,
            status=course.status,
            attempts=[NotificationDeliveryAttempt(at=one.at, reason=one.reason) for one in course.attempts],
            due_at=course.due_at,
            ended_at=course.ended_at,
        )


@strawberry.federation.type(keys=["id"], description="Something that the viewer was told.")
class Notification:
    id: strawberry.ID
    category: str = strawberry.field(
        description="Like task.assigned; `notificationPreferences.categories` lists them all, and more may come."
    )
    title: str = strawberry.field(description="One line of plain text.")
    body: str = strawberry.field(description="Plain text: what it is about, in short.")
    created_at: datetime
    read_at: datetime | None
    archived_at: datetime | None
    snoozed_until: datetime | None
    version: int
    task: Task | None
    project: Project | None
    workspace: Workspace

    @classmethod
    def of(cls, entry: Entry) -> Self:
        told = entry.notification
        return cls(
            id=strawberry.ID(str(told.id)),
            category=told.category.value,
            title=told.title,
            body=told.body,
            created_at=told.created_at,
            read_at=entry.read_at,
            archived_at=entry.archived_at,
            snoozed_until=entry.snoozed_until,
            version=entry.version,
            task=Task(id=strawberry.ID(str(told.task_id))) if told.task_id else None,
            project=Project(id=strawberry.ID(str(told.project_id))) if told.project_id else None,
            workspace=Workspace(id=strawberry.ID(str(told.workspace_id))),
        )

    @strawberry.field(description="How it left the house: mails and pushes with their tries.")
    async def deliveries(self, info: Info[Context, None]) -> list[NotificationDelivery]:
        found = await info.context.courses.load(UUID(self.id))
        return [NotificationDelivery.of(course) for course in found]

    @classmethod
    async def resolve_reference(cls, info: Info[Context, None], id: strawberry.ID) -> Self | None:  # noqa: A002
        return await find_notification(info, id)  # type: ignore[return-value]


async def find_notification(info: Info[Context, None], id_: strawberry.ID) -> Notification | None:
    """None when the viewer has no such notification."""
    parsed = parse_id(id_)
    entry = await info.context.entries.load(parsed) if parsed is not None else None
    return Notification.of(entry) if entry is not None else None


@strawberry.input
class NotificationMarkReadInput:
    id: strawberry.ID


@strawberry.input
class NotificationArchiveInput:
    id: strawberry.ID


@strawberry.input
class NotificationUnarchiveInput:
    id: strawberry.ID


@strawberry.input
class NotificationSnoozeInput:
    id: strawberry.ID
    until: datetime = strawberry.field(description="In the future, within a year.")


@strawberry.input
class NotificationUnsnoozeInput:
    id: strawberry.ID


@strawberry.type
class NotificationMarkReadPayload:
    notification: Notification
    unread_count: int

    @classmethod
    def of(cls, changed: tuple[Entry, Inbox]) -> Self:
        """The notification as it is now, with the unread count of its inbox."""
        entry, inbox = changed
        return cls(notification=Notification.of(entry), unread_count=inbox.unread)


@strawberry.type
class NotificationArchivePayload(NotificationMarkReadPayload):
    pass


@strawberry.type
class NotificationUnarchivePayload(NotificationMarkReadPayload):
    pass


@strawberry.type
class NotificationSnoozePayload(NotificationMarkReadPayload):
    pass


@strawberry.type
class NotificationUnsnoozePayload(NotificationMarkReadPayload):
    pass


@strawberry.type
class NotificationsMarkAllReadPayload:
    marked_count: int
    unread_count: int


@strawberry.type(description="A new notification, with the unread count that includes it.")
class NotificationEvent:
    event_id: strawberry.ID = strawberry.field(description="To be given as `after` when the stream was interrupted.")
    unread_count: int
    notification: Notification


@strawberry.type(name="Query")
class NotificationQuery:
    @strawberry.field(description="One of the viewer's notifications; null when there is none with this id.")
    async def notification(self, info: Info[Context, None], id: strawberry.ID) -> Notification | None:  # noqa: A002
        return await find_notification(info, id)


@strawberry.type(name="Mutation")
class NotificationMutation:
    @strawberry.mutation(description="Marks one as read; a second time changes nothing.")
    async def notification_mark_read(
        self,
        info: Info[Context, None],
        input: NotificationMarkReadInput,  # noqa: A002
    ) -> NotificationMarkReadPayload:
        here = info.context
        return NotificationMarkReadPayload.of(await mark_read(here.viewer, _id(input.id), here.inboxes, here.clock))

    @strawberry.mutation(description="Reads one and puts it away; a second time changes nothing.")
    async def notification_archive(
        self,
        info: Info[Context, None],
        input: NotificationArchiveInput,  # noqa: A002
    ) -> NotificationArchivePayload:
        here = info.context
        return NotificationArchivePayload.of(await archive(here.viewer, _id(input.id), here.inboxes, here.clock))

    @strawberry.mutation(description="Puts an archived one back where it stood, read.")
    async def notification_unarchive(
        self,
        info: Info[Context, None],
        input: NotificationUnarchiveInput,  # noqa: A002
    ) -> NotificationUnarchivePayload:
        here = info.context
        return NotificationUnarchivePayload.of(await bring_back(here.viewer, _id(input.id), here.inboxes, here.clock))

    @strawberry.mutation(
        description="Reads one and puts it off: then it comes back on top and unread, and is told again."
    )
    async def notification_snooze(
        self,
        info: Info[Context, None],
        input: NotificationSnoozeInput,  # noqa: A002
    ) -> NotificationSnoozePayload:
        here = info.context
        changed = await snooze(here.viewer, _id(input.id), input.until, here.inboxes, here.clock)
        here.snoozed()
        return NotificationSnoozePayload.of(changed)

    @strawberry.mutation(description="Brings a snoozed one back at once.")
    async def notification_unsnooze(
        self,
        info: Info[Context, None],
        input: NotificationUnsnoozeInput,  # noqa: A002
    ) -> NotificationUnsnoozePayload:
        here = info.context
        return NotificationUnsnoozePayload.of(await bring_back(here.viewer, _id(input.id), here.inboxes, here.clock))

    @strawberry.mutation(description="Marks everything that stands in the inbox now.")
    async def notifications_mark_all_read(self, info: Info[Context, None]) -> NotificationsMarkAllReadPayload:
        count, inbox = await mark_all_read(info.context.viewer, info.context.inboxes, info.context.clock)
        return NotificationsMarkAllReadPayload(marked_count=count, unread_count=inbox.unread)


@strawberry.type(name="Subscription")
class NotificationSubscription:
    @strawberry.subscription(
        description="The viewer's notifications as they come; `after` fills the gap since the last event seen.",
        directives=[
            live(
                topic="user:{viewer.id}",
                events=["notification.created"],
                gate="me { id }",
                value={
                    "eventId": "$id",
                    "unreadCount": "$data.unreadCount",
                    "notification": "$data.notification",
                },
            )
        ],
    )
    async def notification_received(
        self, after: strawberry.ID | None = None
    ) -> AsyncGenerator[NotificationEvent, None]:
        raise fed_by_gateway()
        yield


def _id(text: str) -> UUID:
    """What is no id is nobody's notification. Raises `DomainError` NOT_FOUND."""
    parsed = parse_id(text)
    if parsed is None:
        raise notification_not_found()
    return parsed
