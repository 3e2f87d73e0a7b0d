from __future__ import annotations

from typing import Any

import pytest

from gateway.live.topics import EVENT_TYPES, topics_of

TASK = {"task": {"id": "t", "projectId": "p"}}


@pytest.mark.parametrize(
    ("event_type", "data", "topics"),
    [
        ("task.created", TASK, ["project:p", "task:t"]),
        ("task.updated", TASK, ["project:p", "task:t"]),
        ("task.status.updated", TASK, ["project:p", "task:t"]),
        ("comment.added", TASK, ["project:p", "task:t"]),
        ("notification.created", {"notification": {"userId": "u"}}, ["user:u"]),
        ("session.revoked", {"sessionId": "s"}, ["session:s"]),
        ("workspace.member.changed", {"userId": "u"}, ["user:u"]),
        ("project.access.changed", {"userIds": ["u", "v"]}, ["user:u", "user:v"]),
    ],
)
def test_each_event_goes_to_those_whom_it_concerns(event_type: str, data: dict[str, Any], topics: list[str]) -> None:
    assert event_type in EVENT_TYPES
    assert topics_of(event_type, data) == topics


def test_an_unknown_event_concerns_nobody() -> None:
    assert topics_of("else", {}) == []


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_data_without_ids_are_refused(event_type: str) -> None:
    with pytest.raises(KeyError):
        topics_of(event_type, {})
