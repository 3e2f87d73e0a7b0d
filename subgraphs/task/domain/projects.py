"""Projects and the workflow states of their tasks.

Invariant: a project's key is unique in its workspace and never changes, because people write `ENG-42` everywhere; every
project has exactly one default state for new tasks.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from proto.permissions import Permission
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.text import check_body, check_line
from subgraphs.task.domain.unset import UNSET, Unset
from subgraphs.task.errors import invalid, lead_stays, project_archived, project_deleted, version_conflict

LONGEST_NAME = 200
LARGEST_DESCRIPTION = 100_000
MOST_MEMBERS = 500
_KEY = re.compile(r"[A-Z][A-Z0-9]{0,9}")


class StatusCategory(StrEnum):
    """What a workflow state means to machines, whatever people call it."""

    BACKLOG = "BACKLOG"
    UNSTARTED = "UNSTARTED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"

    @property
    def open(self) -> bool:
        """Whether a task in this category still waits for somebody."""
        return self not in (StatusCategory.COMPLETED, StatusCategory.CANCELLED)


class ProjectState(StrEnum):
    """Where a project stands in its life."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


class Visibility(StrEnum):
    """Who sees a project."""

    WORKSPACE = "WORKSPACE"
    PRIVATE = "PRIVATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A workflow state of one project."""

    id: UUID
    name: str
    category: StatusCategory


DEFAULT_STATES: Sequence[tuple[str, StatusCategory]] = (
    ("Backlog", StatusCategory.BACKLOG),
    ("Todo", StatusCategory.UNSTARTED),
    ("In Progress", StatusCategory.STARTED),
    ("In Review", StatusCategory.STARTED),
    ("Done", StatusCategory.COMPLETED),
    ("Cancelled", StatusCategory.CANCELLED),
)
DEFAULT_STATE = "Todo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; `statuses` are in the order of the workflow."""

    id: UUID
    workspace_id: UUID
    key: str
    name: str
    description: str
    lead_id: UUID
    statuses: tuple[Status, ...]
    default_status_id: UUID
    version: int
    created_by: UUID
    created_at: datetime
    updated_at: datetime
    visibility: Visibility = Visibility.WORKSPACE
    member_ids: tuple[UUID, ...] = ()
    archived_at: datetime | None = None
    deleted_at: datetime | None = None
    sla_version: int = 0

    @property
    def state(self) -> ProjectState:
        """Deleted, else archived, else active."""
        if self.deleted_at is not None:
            return ProjectState.DELETED
        return ProjectState.ACTIVE if self.archived_at is None else ProjectState.ARCHIVED

    @property
    def private(self) -> bool:
        """Whether only its members see it (and who may see all private projects)."""
        return self.visibility is Visibility.PRIVATE

    @property
    def default_status(self) -> Status:
        """The state of a new task."""
        return next(status for status in self.statuses if status.id == self.default_status_id)

    def status_named(self, name: str) -> Status:
        """The state of that name, in whatever case.

        Raises:
            DomainError: invalid, when the project's workflow has no such state.
        """
        wanted = name.strip().casefold()
        for status in self.statuses:
            if status.name.casefold() == wanted:
                return status
        known = ", ".join(status.name for status in self.statuses)
        raise invalid("status", f"The project has no such state; its states are: {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRef:
    """What a task carries of its project."""

    id: UUID
    key: str
    name: str
    lead_id: UUID
    archived_at: datetime | None = None
    deleted_at: datetime | None = None
    sla_version: int = 0


def reference(project: Project) -> ProjectRef:
    """The part of a project that its tasks carry."""
    return ProjectRef(
        id=project.id,
        key=project.key,
        name=project.name,
        lead_id=project.lead_id,
        archived_at=project.archived_at,
        deleted_at=project.deleted_at,
        sla_version=project.sla_version,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDraft:
    """What a caller says about a new project."""

    workspace_id: UUID
    key: str
    name: str
    description: str = ""
    lead_id: UUID | None = None
    visibility: Visibility = Visibility.WORKSPACE
    member_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPatch:
    """What a caller wants changed; UNSET leaves a field alone."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    lead_id: UUID | Unset = UNSET
    visibility: Visibility | Unset = UNSET


def new_project(
    draft: ProjectDraft, *, project_id: UUID, status_ids: Sequence[UUID], creator_id: UUID, now: datetime
) -> Project:
    """A checked project with the default workflow.

    Raises:
        DomainError: invalid, naming the first wrong field.
    """
    statuses = tuple(
        Status(id=status_id, name=name, category=category)
        for status_id, (name, category) in zip(status_ids, DEFAULT_STATES, strict=True)
    )
    return Project(
        id=project_id,
        workspace_id=draft.workspace_id,
        key=_check_key(draft.key),
        name=check_line("name", draft.name, longest=LONGEST_NAME),
        description=check_body("description", draft.description, largest=LARGEST_DESCRIPTION),
        lead_id=draft.lead_id or creator_id,
        visibility=draft.visibility,
        member_ids=check_members((creator_id, draft.lead_id or creator_id, *draft.member_ids)),
        statuses=statuses,
        default_status_id=next(status.id for status in statuses if status.name == DEFAULT_STATE),
        version=1,
        created_by=creator_id,
        created_at=now,
        updated_at=now,
    )


def revise_project(project: Project, patch: ProjectPatch, *, actor_id: UUID, now: datetime) -> Project:
    """The project after the patch; the same object when nothing differs.

    A new lead becomes a member, and so does whoever makes the project private: nobody locks themself out.

    Raises:
        DomainError: invalid, naming the first wrong field, or a precondition when the project is closed.
    """
    ensure_open(project)
    name, description, lead_id, visibility = patch.name, patch.description, patch.lead_id, patch.visibility
    joining = () if lead_id is UNSET else (lead_id,)
    if visibility is Visibility.PRIVATE and not project.private:
        joining = (*joining, project.lead_id, actor_id)
    revised = replace(
        project,
        name=project.name if name is UNSET else check_line("name", name, longest=LONGEST_NAME),
        description=(
            project.description
            if description is UNSET
            else check_body("description", description, largest=LARGEST_DESCRIPTION)
        ),
        lead_id=project.lead_id if lead_id is UNSET else lead_id,
        visibility=project.visibility if visibility is UNSET else visibility,
        member_ids=check_members((*project.member_ids, *joining)),
    )
    return stepped(project, revised, now=now)


def stepped(before: Project, after: Project, *, now: datetime) -> Project:
    """The project at its next version; the one before when nothing differs."""
    return before if after == before else replace(after, version=before.version + 1, updated_at=now)


def add_members(project: Project, user_ids: Sequence[UUID], *, now: datetime) -> Project:
    """The project with more members.

    Raises:
        DomainError: invalid, when there are too many; a precondition when the project is closed.
    """
    ensure_open(project)
    return stepped(project, replace(project, member_ids=check_members((*project.member_ids, *user_ids))), now=now)


def remove_members(project: Project, user_ids: Sequence[UUID], *, now: datetime) -> Project:
    """The project with fewer members.

    Raises:
        DomainError: a precondition, when the lead is among them or the project is closed.
    """
    ensure_open(project)
    if project.lead_id in user_ids:
        raise lead_stays()
    left = tuple(user_id for user_id in project.member_ids if user_id not in user_ids)
    return stepped(project, replace(project, member_ids=left), now=now)


def ensure_open(project: "Project | ProjectRef") -> None:
    """Refuses changes of what is deleted or archived.

    Raises:
        DomainError: PROJECT_DELETED, PROJECT_ARCHIVED.
    """
    if project.deleted_at is not None:
        raise project_deleted()
    if project.archived_at is not None:
        raise project_archived()


def may_see(project: Project, user_id: UUID) -> bool:
    """Whether a member of the workspace sees the project as one of its own people."""
    return not project.private or user_id in project.member_ids


def losing_sight(before: Project, after: Project, members: Collection[UUID]) -> tuple[UUID, ...]:
    """Who saw the project before a change as one of its people and does not after; `members` are the workspace's."""
    if not after.private:
        return ()
    watched = before.member_ids if before.private else members
    return tuple(sorted(user_id for user_id in watched if user_id not in after.member_ids))


def sees(caller: Caller, project: Project) -> bool:
    """Whether the caller sees the project: the rule that the store enforces, for an entity already at hand."""
    if project.workspace_id not in caller.workspaces:
        return False
    return project.workspace_id not in caller.confined or may_see(project, caller.user_id)


def may_update(caller: Caller, project: Project) -> bool:
    """Whether the caller may change the project: by role, or as its lead who still may work in the workspace."""
    if caller.may(Permission.PROJECT_UPDATE, project.workspace_id):
        return True
    return project.lead_id == caller.user_id and caller.may(Permission.PROJECT_CREATE, project.workspace_id)


def check_version(project: Project, expected: int | None, patch: ProjectPatch) -> None:
    """Refuses a change that was made from an older sight of the project.

    Raises:
        DomainError: conflict VERSION_CONFLICT.
    """
    if expected is None or expected == project.version:
        return
    sent = {
        "name": patch.name,
        "description": patch.description,
        "leadId": patch.lead_id,
        "visibility": patch.visibility,
    }
    submitted = {name: value for name, value in sent.items() if value is not UNSET}
    current = {
        "name": project.name,
        "description": project.description,
        "leadId": project.lead_id,
        "visibility": project.visibility,
        "memberIds": project.member_ids,
        "archivedAt": project.archived_at,
        "deletedAt": project.deleted_at,
    }
    raise version_conflict(
        expected=expected,
        actual=project.version,
        changed=[name for name, value in submitted.items() if value != current[name]],
        current=current,
        submitted=submitted,
    )


def check_members(user_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """The members without repetition, in one order."""
    distinct = tuple(sorted(set(user_ids)))
    if len(distinct) > MOST_MEMBERS:
        raise invalid("memberIds", f"A project has at most {MOST_MEMBERS} members, not {len(distinct)}")
    return distinct


def _check_key(key: str) -> str:
    upper = key.strip().upper() if len(key) <= 20 else key
    if not _KEY.fullmatch(upper):
        raise invalid("key", "key must be 1 to 10 letters or digits and start with a letter, such as ENG")
    return upper
