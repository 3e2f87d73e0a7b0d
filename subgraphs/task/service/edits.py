"""What a change of a task needs to know before it is made: whom and what it names, and that nothing turns in circles.

Invariant: everything named is there and visible to the caller at the moment of the commit; parents and dependencies are
checked under one lock of the workspace, so that two changes together cannot close a circle that neither closes alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.task.domain.changes import check_version, submitted_values
from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.projects import Project, Status, may_see
from subgraphs.task.domain.tasks import MOST_BLOCKERS, MOST_LABELS, Task, TaskPatch, check_assignees, check_distinct
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.errors import dependency_cycle, invalid, not_found, not_project_members
from subgraphs.task.service.memberships import require_members
from subgraphs.task.service.ports import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a patch names."""

    moved_to: Status | None
    labels: Sequence[Label]


async def check_task_version(work: Work, task: Task, expected: int | None, patch: TaskPatch) -> None:
    """Raises DomainError VERSION_CONFLICT with what changed since and both sides' values."""
    if expected is None or expected == task.version:
        return
    changed = await work.tasks.changed_since(task.id, expected)
    check_version(task, expected, changed=changed, submitted=submitted_values(patch))


async def resolve(work: Work, task: Task, patch: TaskPatch) -> Named:
    """What the patch names, checked.

    Raises:
        DomainError: invalid, NOT_FOUND, NOT_A_MEMBER, DEPENDENCY_CYCLE.
        MembersUnknown: somebody has to be asked for at the owner of memberships.
    """
    project = await _project(work, task) if _needs_project(task, patch) else None
    if patch.assignee_ids is not UNSET and project is not None:
        check_assignees(patch.assignee_ids)  # before the owner of memberships is asked about each of them
        # Somebody who left the workspace may stay on a task; only those who come are checked.
        come = [user_id for user_id in dict.fromkeys(patch.assignee_ids) if user_id not in task.assignee_ids]
        await check_assignees_known(work, project, come)
    if touches_graph(patch):
        await work.tasks.lock_graph(task.workspace_id)
    if patch.parent_id is not UNSET and patch.parent_id is not None and patch.parent_id != task.parent_id:
        await check_parent(work, task.project.id, patch.parent_id)
        if await work.tasks.is_above(task.id, patch.parent_id):
            raise dependency_cycle("parentId")
    if patch.blocked_by_ids is not UNSET:
        come = [one for one in dict.fromkeys(patch.blocked_by_ids) if one not in task.blocked_by_ids]
        await check_blockers(work, task.workspace_id, come)
        if come and await work.tasks.waits_for(task.id, come):
            raise dependency_cycle("blockedByIds")
    return Named(
        moved_to=project.status_named(patch.status) if project is not None and patch.status is not UNSET else None,
        labels=() if patch.label_ids is UNSET else await labels_named(work, task.project.id, patch.label_ids),
    )


def touches_graph(patch: TaskPatch) -> bool:
    """Whether the patch says anything about parents or dependencies."""
    return patch.parent_id is not UNSET or patch.blocked_by_ids is not UNSET


def _needs_project(task: Task, patch: TaskPatch) -> bool:
    if patch.status is not UNSET:
        return True
    return patch.assignee_ids is not UNSET and any(one not in task.assignee_ids for one in patch.assignee_ids)


async def _project(work: Work, task: Task) -> Project:
    return (await work.projects.find([task.project.id]))[task.project.id]


async def check_assignees_known(
    work: Work, project: Project, user_ids: Collection[UUID], known: Collection[UUID] | None = None
) -> None:
    """Assignees belong to the workspace and see the project; `known` are those of whom the former is known.

    Raises:
        DomainError: NOT_A_MEMBER.
        MembersUnknown: somebody has to be asked for at the owner of memberships.
    """
    if not user_ids:
        return
    members = await work.memberships.members(project.workspace_id, user_ids) if known is None else known
    require_members("assigneeIds", project.workspace_id, user_ids, members)
    blind = [user_id for user_id in user_ids if not may_see(project, user_id)]
    if blind:
        raise not_project_members("assigneeIds", blind)


async def check_parent(work: Work, project_id: UUID, parent_id: UUID) -> None:
    """A parent is a task of the same project that is not deleted.

    Raises:
        DomainError: NOT_FOUND, invalid.
    """
    parent = (await work.tasks.find([parent_id])).get(parent_id)
    if parent is None:
        raise not_found("parent")
    if parent.project.id != project_id:
        raise invalid("parentId", "A subtask belongs to the project of its parent")
    if parent.deleted_at is not None:
        raise invalid("parentId", "The parent is deleted")


async def check_blockers(work: Work, workspace_id: UUID, blocker_ids: Collection[UUID]) -> None:
    """Blockers are tasks of the same workspace that the caller sees.

    Raises:
        DomainError: NOT_FOUND.
    """
    if not blocker_ids:
        return
    check_distinct("blockedByIds", blocker_ids, most=MOST_BLOCKERS)
    found = await work.tasks.find(blocker_ids)
    if len(found) < len(blocker_ids) or any(one.workspace_id != workspace_id for one in found.values()):
        raise not_found("blocker")


async def labels_named(work: Work, project_id: UUID, label_ids: Collection[UUID]) -> list[Label]:
    """The labels of those ids, in their order.

    Raises:
        DomainError: NOT_FOUND, invalid when there are too many.
    """
    wanted = check_distinct("labelIds", label_ids, most=MOST_LABELS)
    found = await work.labels.find(wanted) if wanted else {}
    labels = [found[one] for one in wanted if one in found and found[one].deleted_at is None]
    if len(labels) < len(wanted) or any(label.project_id != project_id for label in labels):
        raise not_found("label")
    return labels
