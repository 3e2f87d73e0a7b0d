"""Use cases of SLA policies and of the clocks that follow them.

Invariant: the clock that people see and the one that the workflow follows are the same computation.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.clock import Clock as Now
from proto.permissions import Permission
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import Project, ensure_open
from subgraphs.task.domain.sla import (
    ACKNOWLEDGED,
    DEFAULT,
    Policy,
    Recipient,
    Terms,
    TermsDraft,
    check_terms,
    check_version,
    default_policy,
    named_users,
    policy_changed,
    recipients_of,
    renamed,
)
from subgraphs.task.domain.sla_clock import Acknowledgement, Alert, Clock, SlaState, clock_of
from subgraphs.task.domain.tasks import Task
from subgraphs.task.errors import not_breached, not_found
from subgraphs.task.service.memberships import Viewer, require
from subgraphs.task.service.ports import Store, Work
from subgraphs.task.service.projects import check_members
from subgraphs.task.service.sla_ports import ListedClock
from subgraphs.task.service.tasks import for_change

MOST_LISTED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClock:
    """A task for its workflow; without `policy` the default one holds, which the workflow knows by itself."""

    task: Task
    policy: Policy | None = None
    clock: Clock | None = None
    told: tuple[tuple[UUID, ...], ...] = ()
    """Whom each step of the policy's ladder tells now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """What can be done with policies and clocks."""

    store: Store
    clock: Now
    new_id: Callable[[], UUID]

    async def set_policy(
        self, viewer: Viewer, project_id: UUID, draft: TermsDraft | None, *, expected_version: int | None = None
    ) -> Policy:
        """The new version of the project's policy, which holds for its running clocks too; None is the default.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, invalid, NOT_A_MEMBER, PROJECT_ARCHIVED,
                PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Policy:
            async with self.store.write(caller) as work:
                project = await work.projects.lock(project_id)
                if project is None:
                    raise not_found("project")
                require(caller, Permission.SLA_MANAGE, project.workspace_id)
                ensure_open(project)
                present = (await policies(work, [project]))[project_id]
                check_version(present, expected_version)
                terms = DEFAULT if draft is None else check_terms(draft, project)
                await check_members(work, "userIds", project.workspace_id, named_users(terms))
                return await work.answer(await self._set(work, caller, present, terms))

        return await viewer.attempt(run)

    async def _set(self, work: Work, caller: Caller, present: Policy, terms: Terms) -> Policy:
        if terms == present.terms:
            return present
        now = self.clock.now()
        policy = Policy(
            project_id=present.project_id,
            workspace_id=present.workspace_id,
            version=present.version + 1,
            terms=terms,
            set_by=caller.user_id,
            set_at=now,
        )
        event = policy_changed(policy, event_id=self.new_id(), actor_id=caller.user_id, at=now)
        await work.sla.add_policy(policy, event)
        return policy

    async def acknowledge(self, viewer: Viewer, task_id: UUID) -> Task:
        """The task, whose escalation stops; somebody took over. Doing so again changes nothing.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, NOT_BREACHED, PROJECT_ARCHIVED, PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Task:
            async with self.store.write(caller, lock_task=task_id) as work:
                task = await for_change(work, caller, task_id, Permission.TASK_UPDATE)
                clock = (await self._clocks(work, [task])).get(task_id)
                if clock is None or clock.state not in (SlaState.BREACHED, SlaState.ACKNOWLEDGED):
                    raise not_breached()
                if not clock.acknowledged:
                    taken = Acknowledgement(due_at=clock.due_at, user_id=caller.user_id, at=self.clock.now())
                    await work.sla.acknowledge(task, taken, self._acknowledged(task, taken))
                return await work.answer(task)

        return await viewer.attempt(run)

    async def policies_of(self, viewer: Viewer, project_ids: Collection[UUID]) -> dict[UUID, Policy]:
        """The present policy of each project that the caller may see."""
        async with self.store.read(viewer.caller) as work:
            found = await work.projects.find(project_ids)
            return await policies(work, list(found.values()))

    async def clocks(self, viewer: Viewer, tasks: Sequence[Task]) -> dict[UUID, Clock]:
        """The clocks of those of the tasks that have a deadline."""
        async with self.store.read(viewer.caller) as work:
            return await self._clocks(work, tasks)

    async def task_clock(self, workspace_id: UUID, task_id: UUID) -> TaskClock:
        """What a workflow that acts in the workspace asks about a task.

        Raises:
            DomainError: NOT_FOUND.
        """
        async with self.store.read([workspace_id]) as work:
            task = (await work.tasks.find([task_id])).get(task_id)
            if task is None:
                raise not_found("task")
            if task.project.sla_version == 0:
                return TaskClock(task=task)
            policy = (await work.sla.policies([task.project.id]))[task.project.id]
            clock = (await self._clocks(work, [task])).get(task_id)
            return TaskClock(task=task, policy=policy, clock=clock, told=await _told(work, task, policy.terms))

    async def running(self, workspace_id: UUID, project_id: UUID, after: UUID | None, limit: int) -> list[ListedClock]:
        """The running clocks of a project, by the ids of their tasks, for a worker that acts in the workspace."""
        async with self.store.read([workspace_id]) as work:
            return list(await work.sla.running(project_id, after, min(max(limit, 1), MOST_LISTED)))

    async def record(self, event_id: UUID, workspace_id: UUID, task_id: UUID, alert: Alert) -> None:
        """Keeps what was told about a deadline, once per event."""
        async with self.store.write([workspace_id]) as work:
            if not await work.inbox.take(event_id):
                return
            task = (await work.tasks.find([task_id])).get(task_id)
            if task is None:
                await work.inbox.mark_ignored(event_id)
                return
            await work.sla.add_alert(task, alert)

    async def _clocks(self, work: Work, tasks: Sequence[Task]) -> dict[UUID, Clock]:
        due = {task.id: task for task in tasks if task.due_at is not None}
        terms = await _terms(work, {task.project.id for task in due.values()})
        changes, alerts = await work.sla.changes(due), await work.sla.alerts(due)
        acknowledgements = await work.sla.acknowledgements(due)
        found = {}
        for task_id, task in due.items():
            clock = clock_of(
                task,
                terms.get(task.project.id, DEFAULT),
                changes[task_id],
                now=self.clock.now(),
                alerts=alerts[task_id],
                acknowledgements=acknowledgements[task_id],
            )
            if clock is not None:
                found[task_id] = clock
        return found

    def _acknowledged(self, task: Task, taken: Acknowledgement) -> Announcement:
        return Announcement(
            event_id=self.new_id(),
            topic=ACKNOWLEDGED,
            subject=task.id,
            workspace_id=task.workspace_id,
            at=taken.at,
            data={
                "taskId": str(task.id),
                "workspaceId": str(task.workspace_id),
                "projectId": str(task.project.id),
                "dueAt": taken.due_at,
                "userId": str(taken.user_id),
                "acknowledgedAt": taken.at,
            },
        )


async def policies(work: Work, projects: Sequence[Project]) -> dict[UUID, Policy]:
    """The present policy of each project."""
    found = await work.sla.policies([project.id for project in projects])
    return {project.id: found.get(project.id) or default_policy(project) for project in projects}


async def _terms(work: Work, project_ids: Collection[UUID]) -> Mapping[UUID, Terms]:
    found = await work.sla.policies(project_ids)
    if not any(policy.terms.pause_statuses for policy in found.values()):
        return {project_id: policy.terms for project_id, policy in found.items()}
    projects = await work.projects.find(found)
    return {project_id: renamed(policy.terms, projects[project_id]) for project_id, policy in found.items()}


async def _told(work: Work, task: Task, terms: Terms) -> tuple[tuple[UUID, ...], ...]:
    admins: Sequence[UUID] = ()
    if any(Recipient.ADMINS in step.recipients for step in terms.ladder):
        admins = await work.sla.admins(task.workspace_id)
    lead = task.project.lead_id
    return tuple(recipients_of(step, assignees=task.assignee_ids, lead=lead, admins=admins) for step in terms.ladder)
