"""Notifications: the entity, its mutations and its live stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Self

import strawberry
from strawberry import Info

from kit.graphql import fed_by_gateway, live
from kit.ids import parse_id
from subgraphs.notification.domain.notifications import Entry
from subgraphs.notification.errors import notification_not_found
from subgraphs.notification.schema.context import Context
from subgraphs.notification.schema.references import Task, Workspace
from subgraphs.notification.service.notifications import mark_all_read, mark_read


@strawberry.federation.type(keys=["id"], description="Something that the viewer was told.")
class Notification:
    id: strawberry.ID
    category: str = strawberry.field(
        description="task.assigned, task.status, comment.added, sla.reminder or sla.escalation; more may come."
    )
    title: str = strawberry.field(description="One line of plain text.")
    body: str = strawberry.field(description="Plain text: what it is about, in short.")
    created_at: datetime
    read_at: datetime | None
    version: int
    task: Task | None
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
            version=entry.version,
            task=Task(id=strawberry.ID(str(told.task_id))) if told.task_id else None,
            workspace=Workspace(id=strawberry.ID(str(told.workspace_id))),
        )

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


@strawberry.type
class NotificationMarkReadPayload:
    notification: Notification
    unread_count: int


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
        id_ = parse_id(input.id)
        if id_ is None:
            raise notification_not_found()
        entry, inbox = await mark_read(info.context.viewer, id_, info.context.inboxes, info.context.clock)
        return NotificationMarkReadPayload(notification=Notification.of(entry), unread_count=inbox.unread)

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
