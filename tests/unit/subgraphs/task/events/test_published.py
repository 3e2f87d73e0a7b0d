"""Events are what the contract says."""

from datetime import timedelta

import orjson
import pytest

from kit.ids import new_id
from kit.telemetry import setup_tracing, span
from proto.events import TOPICS, CommentAdded, TaskUpdated
from subgraphs.task.domain import comments as domain
from subgraphs.task.domain.changes import TaskChange, delete, restore, revise
from subgraphs.task.domain.tasks import Priority, TaskPatch
from subgraphs.task.events.published import encode
from tests.unit.subgraphs.task.samples import NOW, a_creation, a_project, a_task


def every_change() -> list[TaskChange]:
    project = a_project()
    task = a_task(project, title="Ünï", description='"quoted"\n', assignee_ids=[new_id()], due_at=NOW)
    patch = TaskPatch(
        title="New",
        description="",
        priority=Priority.URGENT,
        assignee_ids=[new_id(), new_id()],
        due_at=NOW + timedelta(days=1),
    )
    moved_to = project.status_named("Done")
    changes = [a_creation(task)]
    changes += revise(task, patch, moved_to=moved_to, new_id=new_id, actor_id=new_id(), now=NOW)
    changes += delete(changes[-1].task, change_id=new_id(), actor_id=new_id(), now=NOW)
    changes += restore(changes[-1].task, change_id=new_id(), actor_id=new_id(), now=NOW)
    return changes


@pytest.mark.parametrize(
    ("position", "topic"),
    list(enumerate(["task.created", "task.updated", "task.status.updated", "task.updated", "task.updated"])),
)
def test_each_change_is_told_by_its_topic_with_the_data_of_the_contract(position: int, topic: str) -> None:
    change = every_change()[position]
    event = encode(change)
    assert (event.type, event.id, event.source) == (topic, change.id, "task")
    assert (event.subject, event.tenant) == (str(change.task.id), change.task.workspace_id)
    payload = TOPICS[topic].decode(event.data)
    # What the model writes of it is what was sent: no field missing, none too many, none in another form.
    assert orjson.loads(payload.encode()) == orjson.loads(event.data)


def test_previous_values_are_those_before_the_change_in_the_form_of_the_api() -> None:
    update = every_change()[1]
    payload = TaskUpdated.decode(encode(update).data)
    assert payload.changed == ("title", "description", "priority", "assigneeIds", "dueAt")
    assert payload.previous["dueAt"] == "2030-01-15T12:00:00Z"
    assert payload.previous["priority"] == "NONE"
    assert payload.previous["assigneeIds"] == [str(user_id) for user_id in update.previous["assigneeIds"]]


def test_a_comment_is_told_with_its_task() -> None:
    task = a_task()
    comment = domain.new_comment(task, "Well done", comment_id=new_id(), author_id=new_id(), now=NOW)
    added = domain.CommentChange(event_id=new_id(), comment=comment, task=task, actor_id=comment.author_id)
    event = encode(added)
    payload = CommentAdded.decode(event.data)
    assert (event.type, event.id, event.subject) == ("comment.added", added.event_id, str(task.id))
    assert orjson.loads(payload.encode()) == orjson.loads(event.data)


def test_an_event_carries_the_trace_of_its_request() -> None:
    setup_tracing("task", None)
    with span("request", parent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
        event = encode(a_creation())
    assert event.traceparent is not None
    assert event.traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c-")
