"""Owns the entities that several topics carry whole, so that a consumer never has to ask back."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from proto.events.payload import Part


class StatusCategory(StrEnum):
    """The category of a workflow state; completed and cancelled close a task."""

    BACKLOG = "BACKLOG"
    UNSTARTED = "UNSTARTED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"

    @property
    def is_open(self) -> bool:
        return self not in (StatusCategory.COMPLETED, StatusCategory.CANCELLED)


class UserEntity(Part):
    id: UUID
    email: str
    display_name: str
    avatar_url: str | None = None
    locale: str
    time_zone: str
    version: int


class UserRef(Part):
    """A person by the shape that the API gives, so that a live selection of people needs only their owner."""

    id: UUID


class EntityRef(Part):
    """Something else by the shape that the API gives, so that a live selection of its id asks nobody."""

    id: UUID


class ProjectRef(Part):
    id: UUID
    key: str
    name: str


class LabelEntity(Part):
    id: UUID
    name: str
    color: str
    version: int = 1


class TaskEntity(Part):
    id: UUID
    workspace_id: UUID
    project_id: UUID
    key: str
    number: int
    title: str
    description: str | None = None
    status: str
    status_category: StatusCategory
    priority: str
    assignee_ids: tuple[UUID, ...] = ()
    reporter_id: UUID
    lead_id: UUID
    due_at: AwareDatetime | None = None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    deleted_at: AwareDatetime | None = None
    sla_policy: int = 0
    project: ProjectRef
    assignees: tuple[UserRef, ...] = ()
    reporter: UserRef | None = None
    start_at: AwareDatetime | None = None
    estimate: int | None = None
    position: str = ""
    parent_id: UUID | None = None
    parent: EntityRef | None = None
    label_ids: tuple[UUID, ...] = ()
    labels: tuple[LabelEntity, ...] = ()
    watcher_ids: tuple[UUID, ...] = ()
    watchers: tuple[UserRef, ...] = ()


class ReactionEntity(Part):
    emoji: str
    user_ids: tuple[UUID, ...]
    count: int
    users: tuple[UserRef, ...] = ()


class CommentEntity(Part):
    id: UUID
    task_id: UUID
    body: str
    author_id: UUID
    created_at: AwareDatetime
    version: int
    author: UserRef | None = None
    parent_id: UUID | None = None
    mentioned_ids: tuple[UUID, ...] = ()
    mentions: tuple[UserRef, ...] = ()
    edited_at: AwareDatetime | None = None
    deleted_at: AwareDatetime | None = None
    reactions: tuple[ReactionEntity, ...] = ()


class NotificationEntity(Part):
    id: UUID
    user_id: UUID
    category: str
    title: str
    body: str
    workspace_id: UUID
    project_id: UUID | None = None
    task_id: UUID | None = None
    workspace: EntityRef | None = None
    project: EntityRef | None = None
    task: EntityRef | None = None
    read_at: AwareDatetime | None = None
    archived_at: AwareDatetime | None = None
    snoozed_until: AwareDatetime | None = None
    created_at: AwareDatetime
    version: int
