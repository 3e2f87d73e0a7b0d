"""How a task changes, and which events say so.

The rule of versions: **one change, one version, one event, one history entry.** A status change is a change of its own
and is told by `task.status.updated` alone; everything else that one mutation alters is one change, told by
`task.updated`. A mutation that does both makes two successive changes in one commit: first the fields (version n+1, the
event still shows the old status), then the status (version n+2, the event shows everything). So no two events of a task
ever carry the same version, each event shows exactly the task at its version, and a consumer that reads topics in
whatever order just keeps the highest version it has seen. A mutation that alters nothing makes no change at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.projects import Status
from subgraphs.task.domain.tasks import (
    MOST_BLOCKERS,
    Task,
    TaskPatch,
    check_assignees,
    check_description,
    check_distinct,
    check_due_at,
    check_estimate,
    check_span,
    check_title,
    in_utc,
)
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.errors import task_deleted, version_conflict


class ChangeKind(StrEnum):
    """What happened to a task, as its history says it."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    STATUS_UPDATED = "STATUS_UPDATED"
    DELETED = "DELETED"
    RESTORED = "RESTORED"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChange:
    """One change: `task` is the task after it, `previous` the former values of the `changed` fields (by API names)."""

    id: UUID
    kind: ChangeKind
    task: Task
    changed: tuple[str, ...]
    previous: Mapping[str, Any]
    actor_id: UUID

    @property
    def values(self) -> dict[str, Any]:
        """The changed fields' new values."""
        return {name: value_of(self.task, name) for name in self.changed}


_READERS: Mapping[str, Callable[[Task], Any]] = {
    "title": lambda task: task.title,
    "description": lambda task: task.description,
    "status": lambda task: task.status.name,
    "statusCategory": lambda task: task.status.category,
    "priority": lambda task: task.priority,
    "assigneeIds": lambda task: list(task.assignee_ids),
    "dueAt": lambda task: task.due_at,
    "startAt": lambda task: task.start_at,
    "estimate": lambda task: task.estimate,
    "parentId": lambda task: task.parent_id,
    "labelIds": lambda task: list(task.label_ids),
    "blockedByIds": lambda task: list(task.blocked_by_ids),
    "position": lambda task: task.position,
    "deletedAt": lambda task: task.deleted_at,
}
_FIELDS = (
    "title",
    "description",
    "priority",
    "assigneeIds",
    "dueAt",
    "startAt",
    "estimate",
    "parentId",
    "labelIds",
    "blockedByIds",
    "position",
)
_STATUS = ("status", "statusCategory")


def value_of(task: Task, field: str) -> Any:
    """The value of a field by its API name."""
    return _READERS[field](task)


def created(task: Task, *, change_id: UUID, actor_id: UUID) -> TaskChange:
    """The first change of a task."""
    return TaskChange(id=change_id, kind=ChangeKind.CREATED, task=task, changed=(), previous={}, actor_id=actor_id)


def revise(
    task: Task,
    patch: TaskPatch,
    *,
    moved_to: Status | None,
    new_id: Callable[[], UUID],
    actor_id: UUID,
    now: datetime,
    labels: Sequence[Label] = (),
) -> list[TaskChange]:
    """The changes that a patch makes, in order; empty when the task already is as the patch wants it.

    `moved_to` is the state and `labels` are the labels that the patch names, when it names some.

    Raises:
        DomainError: invalid, DUE_DATE_IN_PAST, or a precondition when the task is deleted.
    """
    if task.deleted_at is not None:
        raise task_deleted(task.id)
    edited = _edit(task, patch, labels, now=now)
    changes: list[TaskChange] = []
    if edited != task:
        changes.append(_step(task, edited, ChangeKind.UPDATED, _FIELDS, change_id=new_id(), actor_id=actor_id, now=now))
        task = changes[-1].task
    if moved_to is not None and moved_to.id != task.status.id:
        moved = replace(task, status=moved_to)
        changes.append(
            _step(task, moved, ChangeKind.STATUS_UPDATED, _STATUS, change_id=new_id(), actor_id=actor_id, now=now)
        )
    return changes


def reassign(task: Task, status: Status, *, change_id: UUID, actor_id: UUID, now: datetime) -> TaskChange:
    """Moves a task out of a state that goes away, also a deleted one."""
    moved = replace(task, status=status)
    return _step(task, moved, ChangeKind.STATUS_UPDATED, _STATUS, change_id=change_id, actor_id=actor_id, now=now)


def reposition(task: Task, position: str, *, change_id: UUID, actor_id: UUID, now: datetime) -> TaskChange:
    """Makes room on a board, also by a deleted task."""
    moved = replace(task, position=position)
    return _step(task, moved, ChangeKind.UPDATED, ("position",), change_id=change_id, actor_id=actor_id, now=now)


def delete(task: Task, *, change_id: UUID, actor_id: UUID, now: datetime) -> list[TaskChange]:
    """Hides the task; nothing happens to one that is deleted already."""
    if task.deleted_at is not None:
        return []
    deleted = replace(task, deleted_at=now)
    return [_step(task, deleted, ChangeKind.DELETED, ("deletedAt",), change_id=change_id, actor_id=actor_id, now=now)]


def restore(task: Task, *, change_id: UUID, actor_id: UUID, now: datetime) -> list[TaskChange]:
    """Brings a deleted task back; nothing happens to one that is there."""
    if task.deleted_at is None:
        return []
    restored = replace(task, deleted_at=None)
    return [_step(task, restored, ChangeKind.RESTORED, ("deletedAt",), change_id=change_id, actor_id=actor_id, now=now)]


def check_version(task: Task, expected: int | None, *, changed: Sequence[str], submitted: Mapping[str, Any]) -> None:
    """Refuses a change that was made from an older sight of the task.

    `changed` names what was changed since `expected`; both sides' values go into the error.

    Raises:
        DomainError: conflict VERSION_CONFLICT.
    """
    if expected is None or expected == task.version:
        return
    raise version_conflict(
        expected=expected,
        actual=task.version,
        current={name: value_of(task, name) for name in dict.fromkeys((*changed, *submitted))},
        submitted=submitted,
        changed=list(changed),
    )


def submitted_values(patch: TaskPatch) -> dict[str, Any]:
    """What the caller sent, by API names."""
    sent = {
        "title": patch.title,
        "description": patch.description,
        "status": patch.status,
        "priority": patch.priority,
        "assigneeIds": patch.assignee_ids,
        "dueAt": patch.due_at,
        "startAt": patch.start_at,
        "estimate": patch.estimate,
        "parentId": patch.parent_id,
        "labelIds": patch.label_ids,
        "blockedByIds": patch.blocked_by_ids,
        "position": patch.position,
    }
    return {name: value for name, value in sent.items() if value is not UNSET}


def _edit(task: Task, patch: TaskPatch, labels: Sequence[Label], *, now: datetime) -> Task:
    title, description, due_at, start_at = patch.title, patch.description, patch.due_at, patch.start_at
    edited = replace(
        task,
        title=task.title if title is UNSET else check_title(title),
        description=task.description if description is UNSET else check_description(description),
        priority=task.priority if patch.priority is UNSET else patch.priority,
        assignee_ids=task.assignee_ids if patch.assignee_ids is UNSET else check_assignees(patch.assignee_ids),
        # A form that sends back an unchanged date must not fail because that date has passed meanwhile.
        due_at=(
            task.due_at
            if due_at is UNSET or due_at == task.due_at
            else None
            if due_at is None
            else check_due_at(due_at, now=now)
        ),
        start_at=task.start_at if start_at is UNSET else None if start_at is None else in_utc("startAt", start_at),
        estimate=task.estimate if patch.estimate is UNSET else check_estimate(patch.estimate),
        parent_id=task.parent_id if patch.parent_id is UNSET else patch.parent_id,
        labels=task.labels if patch.label_ids is UNSET else tuple(labels),
        blocked_by_ids=(
            task.blocked_by_ids
            if patch.blocked_by_ids is UNSET
            else check_distinct("blockedByIds", patch.blocked_by_ids, most=MOST_BLOCKERS)
        ),
        position=task.position if patch.position is UNSET else patch.position,
    )
    if (edited.start_at, edited.due_at) != (task.start_at, task.due_at):
        check_span(edited.start_at, edited.due_at)
    return edited


def _step(
    before: Task,
    after: Task,
    kind: ChangeKind,
    fields: Sequence[str],
    *,
    change_id: UUID,
    actor_id: UUID,
    now: datetime,
) -> TaskChange:
    names = tuple(name for name in fields if value_of(before, name) != value_of(after, name))
    return TaskChange(
        id=change_id,
        kind=kind,
        task=replace(after, version=before.version + 1, updated_at=now),
        changed=names,
        previous={name: value_of(before, name) for name in names},
        actor_id=actor_id,
    )
