"""How a change becomes an event. Invariant: the data are exactly what `proto.events` says, encoded once.

The dictionaries are written out by hand because this runs in every mutation; a test reads them back through the payload
models and compares.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kit.kafka import Envelope
from kit.telemetry import traceparent
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.changes import ChangeKind, TaskChange
from subgraphs.task.domain.comments import Comment, CommentChange, Reaction
from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.tasks import Task

SOURCE = "task"

_TOPICS: Mapping[ChangeKind, str] = {
    ChangeKind.CREATED: "task.created",
    ChangeKind.UPDATED: "task.updated",
    ChangeKind.DELETED: "task.updated",
    ChangeKind.RESTORED: "task.updated",
    ChangeKind.STATUS_UPDATED: "task.status.updated",
}


def encode(event: TaskChange | CommentChange | Announcement) -> Envelope:
    """The event of a change, whose key is the id of what changed; of a comment its task's."""
    if isinstance(event, Announcement):
        return _announcement(event)
    if isinstance(event, TaskChange):
        return _envelope(event.id, _TOPICS[event.kind], event.task, event.task.updated_at, _change(event))
    return _envelope(event.event_id, event.kind.value, event.task, event.comment.updated_at, _commented(event))


def _announcement(event: Announcement) -> Envelope:
    return Envelope(
        id=event.event_id,
        type=event.topic,
        source=SOURCE,
        subject=str(event.subject),
        tenant=event.workspace_id,
        time=event.at,
        traceparent=traceparent(),
        data=orjson.dumps(event.data, option=orjson.OPT_UTC_Z),
    )


def _envelope(event_id: UUID, topic: str, task: Task, time: datetime, data: Mapping[str, Any]) -> Envelope:
    return Envelope(
        id=event_id,
        type=topic,
        source=SOURCE,
        subject=str(task.id),
        tenant=task.workspace_id,
        time=time,
        traceparent=traceparent(),
        data=orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z),
    )


def _change(change: TaskChange) -> dict[str, Any]:
    return {
        "task": _task(change.task),
        "changed": change.changed,
        "previous": dict(change.previous),
        "actorId": str(change.actor_id),
    }


def _commented(event: CommentChange) -> dict[str, Any]:
    return {"comment": _comment(event.comment), "task": _task(event.task), "actorId": str(event.actor_id)}


def _task(task: Task) -> dict[str, Any]:
    assignees = [str(user_id) for user_id in task.assignee_ids]
    watchers = [str(user_id) for user_id in task.watcher_ids]
    reporter_id = str(task.reporter_id)
    parent_id = None if task.parent_id is None else str(task.parent_id)
    return {
        "id": str(task.id),
        "workspaceId": str(task.workspace_id),
        "projectId": str(task.project.id),
        "key": task.key,
        "number": task.number,
        "title": task.title,
        "description": task.description,
        "status": task.status.name,
        "statusCategory": task.status.category,
        "priority": task.priority,
        "assigneeIds": assignees,
        "reporterId": reporter_id,
        "leadId": str(task.project.lead_id),
        "dueAt": task.due_at,
        "version": task.version,
        "createdAt": task.created_at,
        "updatedAt": task.updated_at,
        "deletedAt": task.deleted_at,
        "slaPolicy": task.project.sla_version,
        "project": {"id": str(task.project.id), "key": task.project.key, "name": task.project.name},
        "assignees": [{"id": user_id} for user_id in assignees],
        "reporter": {"id": reporter_id},
        "startAt": task.start_at,
        "estimate": task.estimate,
        "position": task.position,
        "parentId": parent_id,
        "parent": None if parent_id is None else {"id": parent_id},
        "labelIds": [str(label.id) for label in task.labels],
        "labels": [_label(label) for label in task.labels],
        "watcherIds": watchers,
        "watchers": [{"id": user_id} for user_id in watchers],
    }


def _label(label: Label) -> dict[str, Any]:
    return {"id": str(label.id), "name": label.name, "color": label.color, "version": label.version}


def _comment(comment: Comment) -> dict[str, Any]:
    mentioned = [str(user_id) for user_id in comment.mentioned_ids]
    return {
        "id": str(comment.id),
        "taskId": str(comment.task_id),
        "body": comment.body,
        "authorId": str(comment.author_id),
        "createdAt": comment.created_at,
        "version": comment.version,
        "author": {"id": str(comment.author_id)},
        "parentId": None if comment.parent_id is None else str(comment.parent_id),
        "mentionedIds": mentioned,
        "mentions": [{"id": user_id} for user_id in mentioned],
        "editedAt": comment.edited_at,
        "deletedAt": comment.deleted_at,
        "reactions": [_reaction(reaction) for reaction in comment.reactions],
    }


def _reaction(reaction: Reaction) -> dict[str, Any]:
    users = [str(user_id) for user_id in reaction.user_ids]
    return {
        "emoji": reaction.emoji,
        "count": len(users),
        "userIds": users,
        "users": [{"id": user_id} for user_id in users],
    }
