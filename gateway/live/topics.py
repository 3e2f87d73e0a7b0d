"""Which topics an event belongs to. The product's only rule in the live layer; an unknown event belongs nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVENT_TYPES = (
    "task.created",
    "task.updated",
    "task.status.updated",
    "comment.added",
    "comment.updated",
    "project.access.changed",
    "notification.created",
    "session.revoked",
    "workspace.member.changed",
)


def topics_of(event_type: str, data: Mapping[str, Any]) -> list[str]:
    """Raises KeyError for data that lack the ids which the event's schema requires."""
    match event_type:
        case "task.created" | "task.updated" | "task.status.updated" | "comment.added" | "comment.updated":
            return [f"project:{data['task']['projectId']}", f"task:{data['task']['id']}"]
        case "notification.created":
            return [f"user:{data['notification']['userId']}"]
        case "session.revoked":
            return [f"session:{data['sessionId']}"]
        case "project.access.changed":
            return [f"user:{user_id}" for user_id in data["userIds"]]
        case "workspace.member.changed":
            return [f"user:{data['userId']}"]
        case _:
            return []
