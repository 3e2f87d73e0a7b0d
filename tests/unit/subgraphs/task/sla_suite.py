"""What every store must do for SLA policies: run against the one in memory and against PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.projects import Project, StatusCategory
from subgraphs.task.domain.sla import PauseStatus, Policy, Recipient, Step, Terms, policy_changed
from subgraphs.task.domain.sla_clock import Acknowledgement, Alert, SlaEventKind, clock_of
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.ports import Store
from subgraphs.task.service.sla_ports import ListedClock
from tests.unit.subgraphs.task.port_suite import stored_project, stored_task
from tests.unit.subgraphs.task.recurrence_suite import a_series
from tests.unit.subgraphs.task.samples import NOW, a_membership

HOUR = timedelta(hours=1)
TERMS = Terms(
    reminders=(2 * HOUR, HOUR),
    ladder=(Step(recipients=(Recipient.ADMINS,), user_ids=(new_id(),), after=HOUR, repeat_every=HOUR),),
    pause_categories=(StatusCategory.BACKLOG,),
    pause_statuses=(PauseStatus(id=new_id(), name="In Review"),),
)


def a_policy(project: Project, version: int = 1) -> Policy:
    return Policy(
        project_id=project.id,
        workspace_id=project.workspace_id,
        version=version,
        terms=TERMS,
        set_by=new_id(),
        set_at=NOW,
    )


async def set_policy(store: Store, policy: Policy) -> None:
    async with store.write([policy.workspace_id]) as work:
        event = policy_changed(policy, event_id=new_id(), actor_id=new_id(), at=NOW)
        await work.sla.add_policy(policy, event)


class SlaRowsSuite:
    async def test_the_present_policy_comes_back_and_shows_in_project_and_tasks(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project)
        async with store.read([project.workspace_id]) as work:
            assert await work.sla.policies([project.id]) == {}
        await set_policy(store, a_policy(project))
        present = replace(a_policy(project, 2), terms=Terms())
        await set_policy(store, present)
        async with store.read([project.workspace_id]) as work:
            assert await work.sla.policies([project.id, new_id()]) == {project.id: present}
            assert (await work.projects.find([project.id]))[project.id].sla_version == 2
            assert (await work.tasks.find([task.id]))[task.id].project.sla_version == 2

    async def test_what_was_told_and_who_took_over_come_back(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project, due_at=NOW + HOUR)
        alert = Alert(
            id=new_id(),
            kind=SlaEventKind.REMINDED,
            due_at=NOW + HOUR,
            at=NOW,
            late=True,
            recipient_ids=(new_id(), new_id()),
        )
        taken = Acknowledgement(due_at=NOW + HOUR, user_id=new_id(), at=NOW)
        event = policy_changed(a_policy(project), event_id=new_id(), actor_id=new_id(), at=NOW)
        async with store.write([project.workspace_id]) as work:
            await work.sla.add_alert(task, alert)
            await work.sla.add_alert(task, alert)
            await work.sla.acknowledge(task, taken, event)
        async with store.read([project.workspace_id]) as work:
            assert await work.sla.alerts([task.id]) == {task.id: [alert]}
            assert await work.sla.acknowledgements([task.id]) == {task.id: [taken]}
            changes = (await work.sla.changes([task.id]))[task.id]
        clock = clock_of(task, TERMS, changes, now=NOW, alerts=[alert], acknowledgements=[taken])
        assert clock is not None
        assert clock.acknowledged

    async def test_running_clocks_are_listed_by_id(self, store: Store) -> None:
        project = await stored_project(store)
        tasks: list[Task] = [await stored_task(store, project, due_at=NOW + HOUR) for _ in range(2)]
        await stored_task(store, project)
        first, second = sorted(tasks, key=lambda task: task.id.int)
        async with store.read([project.workspace_id]) as work:
            [listed] = await work.sla.running(project.id, None, 1)
            assert listed == ListedClock(task_id=first.id, version=first.version, due_at=NOW + HOUR, policy=0)
            assert [one.task_id for one in await work.sla.running(project.id, first.id, 5)] == [second.id]

    async def test_owners_and_admins_are_known(self, store: Store) -> None:
        workspace_id = a_series(await stored_project(store)).workspace_id
        people = [a_membership(workspace_id, role=role) for role in (Role.OWNER, Role.ADMIN, Role.MEMBER, None)]
        async with store.write([workspace_id]) as work:
            for membership in people:
                await work.memberships.put(membership)
            assert set(await work.sla.admins(workspace_id)) == {one.user_id for one in people[:2]}
