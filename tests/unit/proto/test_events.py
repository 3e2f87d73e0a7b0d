"""Payloads survive their own encoding, speak camelCase and tolerate fields of a newer producer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from proto.events import TOPICS, ProjectRef, StatusCategory, TaskCreated, TaskEntity


def _created() -> TaskCreated:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    project = uuid4()
    return TaskCreated(
        task=TaskEntity(
            id=uuid4(),
            workspace_id=uuid4(),
            project_id=project,
            key="ENG-1",
            number=1,
            title="Ship it",
            status="Todo",
            status_category=StatusCategory.UNSTARTED,
            priority="NONE",
            assignee_ids=(uuid4(),),
            reporter_id=uuid4(),
            lead_id=uuid4(),
            due_at=now,
            version=1,
            created_at=now,
            updated_at=now,
            project=ProjectRef(id=project, key="ENG", name="Engine"),
        ),
        actor_id=uuid4(),
    )


def test_a_payload_decodes_to_what_was_encoded() -> None:
    event = _created()
    assert TaskCreated.decode(event.encode()) == event


def test_json_is_camel_case_with_utc_times() -> None:
    data = json.loads(_created().encode())
    assert data["task"]["statusCategory"] == "UNSTARTED"
    assert data["task"]["dueAt"] == "2026-01-02T03:04:05Z"
    assert data["actorId"]


def test_fields_of_a_newer_producer_are_ignored() -> None:
    data = json.loads(_created().encode())
    data["task"]["estimate"] = 3
    assert TaskCreated.decode(json.dumps(data).encode()).task.key == "ENG-1"


def test_a_time_without_zone_is_refused() -> None:
    data = json.loads(_created().encode())
    data["task"]["dueAt"] = "2026-01-02T03:04:05"
    with pytest.raises(ValidationError):
        TaskCreated.decode(json.dumps(data).encode())


def test_every_topic_has_its_payload() -> None:
    assert set(TOPICS) == {
        "user-registered",
        "user.updated",
        "user.invited",
        "user.invitation.reminded",
        "user.password.reset.requested",
        "user.email.verification.requested",
        "workspace.member.changed",
        "session.revoked",
        "task.created",
        "task.updated",
        "task.status.updated",
        "comment.added",
        "comment.updated",
        "project.access.changed",
        "recurrence.changed",
        "sla.policy.changed",
        "sla.acknowledged",
        "notification.created",
        "notification.system.alert",
    }
