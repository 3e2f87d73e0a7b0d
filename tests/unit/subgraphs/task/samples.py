"""Entities for tests: everything valid, every detail replaceable."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kit.idempotency import KeyUse
from kit.ids import new_id
from proto.permissions import TABLE, Role
from subgraphs.task.domain.changes import TaskChange, created, revise
from subgraphs.task.domain.comments import Comment, new_comment
from subgraphs.task.domain.labels import Label, new_label
from subgraphs.task.domain.memberships import Caller, Membership
from subgraphs.task.domain.profiles import Profile
from subgraphs.task.domain.projects import DEFAULT_STATES, Project, ProjectDraft, new_project
from subgraphs.task.domain.tasks import Task, TaskDraft, TaskPatch, new_task

NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is told."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


def a_project(
    workspace_id: UUID | None = None, *, key: str = "ENG", lead_id: UUID | None = None, **details: Any
) -> Project:
    return new_project(
        ProjectDraft(workspace_id=workspace_id or new_id(), key=key, name="Engineering", lead_id=lead_id, **details),
        project_id=new_id(),
        status_ids=[new_id() for _ in DEFAULT_STATES],
        creator_id=lead_id or new_id(),
        now=NOW,
    )


def a_draft(project: Project | UUID, *, title: str = "Write it down", **details: Any) -> TaskDraft:
    project_id = project if isinstance(project, UUID) else project.id
    return TaskDraft(project_id=project_id, title=title, **details)


def a_task(project: Project | None = None, *, number: int = 1, **details: Any) -> Task:
    project = project or a_project()
    labels = details.pop("labels", ())
    draft = a_draft(project, **details)
    return new_task(
        draft, project=project, task_id=new_id(), number=number, reporter_id=new_id(), now=NOW, labels=labels
    )


def a_label(project: Project | None = None, *, name: str = "Bug", color: str = "#d73a4a") -> Label:
    project = project or a_project()
    return new_label(
        label_id=new_id(), workspace_id=project.workspace_id, project_id=project.id, name=name, color=color
    )


def a_comment(task: Task | None = None, body: str = "Words", **details: Any) -> Comment:
    return new_comment(task or a_task(), body, comment_id=new_id(), author_id=new_id(), now=NOW, **details)


def a_revision(task: Task, patch: TaskPatch) -> list[TaskChange]:
    return revise(task, patch, moved_to=None, new_id=new_id, actor_id=new_id(), now=NOW)


def a_use(owner: str | None = None, *, key: str = "k", field: str = "taskCreate") -> KeyUse:
    return KeyUse(owner=owner or f"user:{new_id()}", key=key, field=field, fingerprint=b"one")


def a_creation(task: Task | None = None) -> TaskChange:
    task = task or a_task()
    return created(task, change_id=new_id(), actor_id=task.reporter_id)


def a_membership(
    workspace_id: UUID, user_id: UUID | None = None, *, role: Role | None = Role.MEMBER, version: int = 1
) -> Membership:
    return Membership(
        workspace_id=workspace_id, user_id=user_id or new_id(), role=role, version=version, workspace_name="Acme"
    )


def a_profile(user_id: UUID | None = None, *, name: str = "Ada", version: int = 1) -> Profile:
    return Profile(
        id=user_id or new_id(),
        email="ada@example.org",
        display_name=name,
        avatar_url=None,
        locale="en",
        time_zone="UTC",
        version=version,
    )


def a_caller(*workspaces: UUID, role: Role = Role.MEMBER, user_id: UUID | None = None) -> Caller:
    return Caller(user_id=user_id or new_id(), rights=dict.fromkeys(workspaces, TABLE[role]))


def ids() -> Iterator[UUID]:
    """Fresh ids without end."""
    while True:
        yield new_id()
