"""What every store must do, whichever it is: run against the one in memory and against PostgreSQL."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.errors import DomainError
from kit.idempotency import AlreadyAnswered
from kit.ids import new_id
from proto.permissions import TABLE, Role
from subgraphs.task.domain.changes import delete, revise
from subgraphs.task.domain.comments import (
    Comment,
    CommentChange,
    CommentEvent,
    Reaction,
    delete_comment,
    edit_comment,
    new_comment,
)
from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.positions import of_number
from subgraphs.task.domain.projects import Project, ProjectState, StatusCategory, Visibility
from subgraphs.task.domain.queries import (
    NEWEST_FIRST,
    Comparison,
    Every,
    Field,
    Filter,
    Never,
    Operator,
    Some,
    Sort,
    SortField,
    TaskQuery,
    matches,
    sort_value,
)
from subgraphs.task.domain.tasks import Priority, Task, TaskPatch
from subgraphs.task.domain.workflow import (
    StatusDraft,
    add_status,
    change_status,
    remove_status,
    reorder_statuses,
)
from subgraphs.task.errors import not_found
from subgraphs.task.service.bulk import BulkResult
from subgraphs.task.service.ports import Count, Store, Window
from tests.unit.subgraphs.task.samples import (
    NOW,
    a_caller,
    a_comment,
    a_creation,
    a_label,
    a_membership,
    a_profile,
    a_project,
    a_revision,
    a_task,
    a_use,
)

ALL = Window(first=100)
ACTIVE = ProjectState.ACTIVE


async def stored_project(
    store: Store, workspace_id: UUID | None = None, *, key: str = "ENG", **details: Any
) -> Project:
    project = a_project(workspace_id, key=key, **details)
    async with store.write([project.workspace_id]) as work:
        await work.projects.add(project)
    return project


async def stored_task(store: Store, project: Project, **details: Any) -> Task:
    async with store.write([project.workspace_id]) as work:
        numbering = await work.projects.take_number(project.id, members=())
        assert numbering is not None
        task = a_task(project, number=numbering.number, **details)
        await work.tasks.add(a_creation(task))
    return task


async def stored_label(store: Store, project: Project, **details: Any) -> Label:
    label = a_label(project, **details)
    async with store.write([project.workspace_id]) as work:
        await work.labels.add(label)
    return label


async def stored_comment(store: Store, task: Task, *, parent: Comment | None = None) -> Comment:
    comment = new_comment(task, "Words", comment_id=new_id(), author_id=new_id(), now=NOW, parent=parent)
    added = CommentChange(event_id=new_id(), comment=comment, task=task, actor_id=comment.author_id)
    async with store.write([task.workspace_id], lock_task=task.id) as work:
        await work.comments.add(added)
    return comment


async def changed(store: Store, task: Task, patch: TaskPatch, project: Project | None = None) -> Task:
    moved_to = project.status_named(patch.status) if project and isinstance(patch.status, str) else None
    async with store.write([task.workspace_id], lock_task=task.id) as work:
        changes = revise(task, patch, moved_to=moved_to, new_id=new_id, actor_id=new_id(), now=NOW)
        await work.tasks.save(changes)
    return changes[-1].task


class ProjectRowsSuite:
    async def test_a_project_comes_back_as_it_was_written(self, store: Store) -> None:
        project = await stored_project(store)
        async with store.read([project.workspace_id]) as work:
            assert await work.projects.find([project.id, new_id()]) == {project.id: project}

    async def test_a_key_is_taken_once_per_workspace(self, store: Store) -> None:
        project = await stored_project(store)
        with pytest.raises(DomainError) as refused:
            await stored_project(store, project.workspace_id)
        assert refused.value.code == "PROJECT_KEY_TAKEN"
        await stored_project(store)

    async def test_a_saved_project_shows_in_its_tasks(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project)
        lead_id = new_id()
        async with store.write([project.workspace_id]) as work:
            assert await work.projects.lock(project.id) == project
            await work.projects.save(replace(project, name="Platform", lead_id=lead_id, version=2))
        async with store.read([project.workspace_id]) as work:
            found = (await work.tasks.find([task.id]))[task.id]
        assert (found.project.name, found.project.lead_id) == ("Platform", lead_id)

    async def test_numbers_count_up_and_a_rolled_back_one_is_given_again(self, store: Store) -> None:
        project = await stored_project(store)
        first = await stored_task(store, project)

        async def roll_back() -> None:
            async with store.write([project.workspace_id]) as work:
                await work.projects.take_number(project.id, members=())
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await roll_back()
        second = await stored_task(store, project)
        assert (first.number, second.number) == (1, 2)

    async def test_numbering_says_who_is_a_member(self, store: Store) -> None:
        project = await stored_project(store)
        member, gone, stranger = new_id(), new_id(), new_id()
        async with store.write([project.workspace_id]) as work:
            await work.memberships.put(a_membership(project.workspace_id, member))
            await work.memberships.put(a_membership(project.workspace_id, gone, role=None))
            numbering = await work.projects.take_number(project.id, members=[member, gone, stranger])
        assert numbering is not None
        assert numbering.members == {member}
        assert numbering.project == project

    async def test_projects_of_workspaces_come_in_pages_oldest_first(self, store: Store) -> None:
        workspace_id, other = new_id(), new_id()
        projects = [await stored_project(store, workspace_id, key=f"K{number}") for number in range(5)]
        elsewhere = await stored_project(store, other)
        async with store.read([workspace_id, other]) as work:
            pages = await work.projects.of_workspaces([workspace_id, other], Window(first=3), ACTIVE)
            rest = await work.projects.of_workspaces([workspace_id], Window(first=3, after=projects[2].id), ACTIVE)
        assert (pages[workspace_id].items, pages[workspace_id].has_next) == (tuple(projects[:3]), True)
        assert (pages[other].items, pages[other].has_next) == ((elsewhere,), False)
        assert (rest[workspace_id].items, rest[workspace_id].has_next) == (tuple(projects[3:]), False)


class TaskRowsSuite:
    async def test_a_task_comes_back_as_it_was_written(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project, description="Ünïcode", assignee_ids=[new_id(), new_id()], due_at=NOW)
        async with store.read([project.workspace_id]) as work:
            assert await work.tasks.find([task.id, new_id()]) == {task.id: task}

    async def test_a_changed_task_is_written_with_each_step_of_its_history(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project, title="Old")
        after = await changed(store, task, TaskPatch(title="New", status="In Progress"), project)
        async with store.read([project.workspace_id]) as work:
            assert (await work.tasks.find([task.id]))[task.id] == after
            history = (await work.tasks.activity([task.id], ALL))[task.id].items
        assert [(entry.version, entry.kind.value) for entry in history] == [
            (3, "STATUS_UPDATED"),
            (2, "UPDATED"),
            (1, "CREATED"),
        ]
        assert history[1].changes == {"title": {"from": "Old", "to": "New"}}
        assert history[0].changes == {
            "status": {"from": "Todo", "to": "In Progress"},
            "statusCategory": {"from": "UNSTARTED", "to": "STARTED"},
        }

    async def test_changed_fields_are_named_since_a_version(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project)
        task = await changed(store, task, TaskPatch(title="New"))
        task = await changed(store, task, TaskPatch(description="More", title="Newer"))
        async with store.read([project.workspace_id]) as work:
            assert set(await work.tasks.changed_since(task.id, 1)) == {"title", "description"}
            assert await work.tasks.changed_since(task.id, 3) == []

    async def test_tasks_of_projects_come_in_pages_newest_first_without_deleted_ones(self, store: Store) -> None:
        project = await stored_project(store)
        tasks = [await stored_task(store, project) for _ in range(4)]
        await self._deleted(store, tasks[1])
        async with store.read([project.workspace_id]) as work:
            page = (await work.lists.of_projects([project.id], Window(first=2), NEWEST_FIRST))[project.id]
            rest = (await work.lists.of_projects([project.id], Window(first=2, after=tasks[2].id), NEWEST_FIRST))[
                project.id
            ]
        assert (page.items, page.has_next) == ((tasks[3], tasks[2]), True)
        assert (rest.items, rest.has_next) == ((tasks[0],), False)

    async def test_a_page_goes_on_where_it_ended_although_tasks_come_and_go(self, store: Store) -> None:
        project = await stored_project(store)
        tasks = [await stored_task(store, project) for _ in range(4)]
        await stored_task(store, project)
        await self._deleted(store, tasks[2])
        async with store.read([project.workspace_id]) as work:
            rest = (await work.lists.of_projects([project.id], Window(first=9, after=tasks[2].id), NEWEST_FIRST))[
                project.id
            ]
        assert rest.items == (tasks[1], tasks[0])

    async def test_assigned_tasks_follow_the_assignees(self, store: Store) -> None:
        project = await stored_project(store)
        ada, bob = new_id(), new_id()
        first = await stored_task(store, project, assignee_ids=[ada])
        second = await stored_task(store, project, assignee_ids=[ada, bob])
        second = await changed(store, second, TaskPatch(assignee_ids=[bob]))
        async with store.read([project.workspace_id]) as work:
            assert (await work.lists.assigned_to(ada, ALL, NEWEST_FIRST)).items == (first,)
            assert (await work.lists.assigned_to(bob, ALL, NEWEST_FIRST)).items == (second,)

    async def test_assigned_tasks_come_in_pages_over_projects(self, store: Store) -> None:
        workspace_id, ada = new_id(), new_id()
        projects = [await stored_project(store, workspace_id, key=key) for key in ("A", "B")]
        tasks = [await stored_task(store, projects[number % 2], assignee_ids=[ada]) for number in range(5)]
        async with store.read([workspace_id]) as work:
            page = await work.lists.assigned_to(ada, Window(first=3), NEWEST_FIRST)
            rest = await work.lists.assigned_to(ada, Window(first=3, after=page.items[-1].id), NEWEST_FIRST)
        assert [task.id for task in (*page.items, *rest.items)] == [task.id for task in reversed(tasks)]
        assert (page.has_next, rest.has_next) == (True, False)

    async def test_history_comes_in_pages(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project)
        for number in range(3):
            task = await changed(store, task, TaskPatch(title=f"Title {number}"))
        async with store.read([project.workspace_id]) as work:
            page = (await work.tasks.activity([task.id], Window(first=2)))[task.id]
            rest = (await work.tasks.activity([task.id], Window(first=2, after=page.items[-1].id)))[task.id]
        assert [entry.version for entry in page.items] == [4, 3]
        assert [entry.version for entry in rest.items] == [2, 1]

    async def test_changes_of_one_task_wait_for_each_other(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project)

        async def rename(title: str) -> None:
            async with store.write([project.workspace_id], lock_task=task.id) as work:
                current = (await work.tasks.find([task.id]))[task.id]
                changes = revise(
                    current, TaskPatch(title=title), moved_to=None, new_id=new_id, actor_id=new_id(), now=NOW
                )
                await work.tasks.save(changes)

        await asyncio.gather(*(rename(f"Title {number}") for number in range(8)))
        async with store.read([project.workspace_id]) as work:
            assert (await work.tasks.find([task.id]))[task.id].version == 9
            history = (await work.tasks.activity([task.id], ALL))[task.id].items
        assert [entry.version for entry in history] == list(range(9, 0, -1))

    async def test_numbers_taken_at_once_are_distinct_and_without_gaps(self, store: Store) -> None:
        project = await stored_project(store)

        async def attempt(number: int) -> int | None:
            try:
                async with store.write([project.workspace_id]) as work:
                    numbering = await work.projects.take_number(project.id, members=())
                    assert numbering is not None
                    await work.tasks.add(a_creation(a_task(project, number=numbering.number)))
                    if number % 3 == 0:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                return None
            return numbering.number

        taken = await asyncio.gather(*(attempt(number) for number in range(30)))
        assert sorted(number for number in taken if number) == list(range(1, 21))

    async def _deleted(self, store: Store, task: Task) -> None:
        async with store.write([task.workspace_id], lock_task=task.id) as work:
            await work.tasks.save(delete(task, change_id=new_id(), actor_id=new_id(), now=NOW))


class CommentRowsSuite:
    async def test_comments_come_in_pages_oldest_first(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project)
        comments = []
        for number in range(3):
            comment = new_comment(task, f"Word {number}", comment_id=new_id(), author_id=new_id(), now=NOW)
            added = CommentChange(event_id=new_id(), comment=comment, task=task, actor_id=comment.author_id)
            async with store.write([project.workspace_id], lock_task=task.id) as work:
                await work.comments.add(added)
            comments.append(comment)
        async with store.read([project.workspace_id]) as work:
            page = (await work.comments.of_tasks([task.id], Window(first=2)))[task.id]
            rest = (await work.comments.of_tasks([task.id], Window(first=2, after=page.items[-1].id)))[task.id]
            found = await work.comments.find([comments[0].id, new_id()])
        assert (page.items, page.has_next) == (tuple(comments[:2]), True)
        assert (rest.items, rest.has_next) == ((comments[2],), False)
        assert found == {comments[0].id: comments[0]}


class TaskDetailsSuite:
    async def test_everything_a_task_carries_comes_back(self, store: Store) -> None:
        project = await stored_project(store)
        label = await stored_label(store, project)
        parent, blocker = await stored_task(store, project), await stored_task(store, project)
        task = await stored_task(
            store,
            project,
            labels=[label],
            start_at=NOW,
            estimate=5,
            parent_id=parent.id,
            blocked_by_ids=[blocker.id],
        )
        async with store.read([project.workspace_id]) as work:
            assert (await work.tasks.find([task.id]))[task.id] == task
            assert (await work.tasks.subtasks([parent.id], ALL))[parent.id].items == (task,)
            assert (await work.tasks.blocked_by([blocker.id], ALL))[blocker.id].items == (task,)
        bare = TaskPatch(start_at=None, estimate=None, parent_id=None, label_ids=[], blocked_by_ids=[], position="zz")
        after = await changed(store, task, bare)
        async with store.read([project.workspace_id]) as work:
            assert (await work.tasks.find([task.id]))[task.id] == after
            assert (await work.tasks.subtasks([parent.id], ALL))[parent.id].items == ()
            assert (await work.tasks.blocked_by([blocker.id], ALL))[blocker.id].items == ()

    async def test_many_tasks_are_saved_at_once_each_with_its_history(self, store: Store) -> None:
        project, ada = await stored_project(store), new_id()
        tasks = [await stored_task(store, project) for _ in range(3)]
        patch = TaskPatch(title="New", assignee_ids=[ada])
        async with store.write([project.workspace_id]) as work:
            await work.tasks.lock([task.id for task in tasks])
            await work.tasks.save([change for task in tasks for change in a_revision(task, patch)])
        async with store.read([project.workspace_id]) as work:
            assert {task.id for task in (await work.lists.assigned_to(ada, ALL, NEWEST_FIRST)).items} == {
                task.id for task in tasks
            }
            for task in tasks:
                history = (await work.tasks.activity([task.id], ALL))[task.id].items
                assert [entry.version for entry in history] == [2, 1]

    async def test_watching_makes_no_version(self, store: Store) -> None:
        project, ada = await stored_project(store), new_id()
        task = await stored_task(store, project)
        for watching, expected in (
            (True, (*task.watcher_ids, ada)),
            (True, (*task.watcher_ids, ada)),
            (False, task.watcher_ids),
        ):
            async with store.write([project.workspace_id], lock_task=task.id) as work:
                await work.tasks.watch(task.id, ada, watching=watching)
            async with store.read([project.workspace_id]) as work:
                found = (await work.tasks.find([task.id]))[task.id]
            assert (found.watcher_ids, found.version) == (expected, 1)

    async def test_dependencies_and_parents_are_followed_over_others(self, store: Store) -> None:
        project = await stored_project(store)
        first = await stored_task(store, project)
        second = await stored_task(store, project, blocked_by_ids=[first.id], parent_id=first.id)
        third = await stored_task(store, project, blocked_by_ids=[second.id], parent_id=second.id)
        other = await stored_task(store, project)
        async with store.write([project.workspace_id]) as work:
            await work.tasks.lock_graph(project.workspace_id)
            assert await work.tasks.waits_for(first.id, [other.id, third.id])
            assert await work.tasks.waits_for(first.id, [first.id])
            assert not await work.tasks.waits_for(third.id, [first.id, other.id])
            assert await work.tasks.is_above(first.id, third.id)
            assert not await work.tasks.is_above(third.id, first.id)

    async def test_gaps_lie_beside_places_as_if_the_moved_task_were_not_there(self, store: Store) -> None:
        project = await stored_project(store)
        one, two, three = [await stored_task(store, project) for _ in range(3)]
        async with store.write([project.workspace_id]) as work:
            await work.tasks.lock_board(project.id)

            async def gap(place: str | None, *, behind: bool, without: UUID) -> tuple[str, str]:
                found = await work.tasks.gap(project.id, place, behind=behind, without=without)
                return found.low, found.high

            end = of_number(4)
            assert await gap(one.position, behind=True, without=three.id) == (one.position, two.position)
            assert await gap(one.position, behind=True, without=two.id) == (one.position, three.position)
            assert await gap(one.position, behind=False, without=three.id) == ("", one.position)
            assert await gap(three.position, behind=True, without=one.id) == (three.position, end)
            assert await gap(None, behind=True, without=three.id) == (two.position, end)
            places, room = await work.tasks.places_around(project.id, two.position, 1)
            assert [place.id for place in places] == [two.id, three.id]
            assert (room.low, room.high) == (one.position, end)

    async def test_states_come_change_places_and_go(self, store: Store) -> None:
        project = await stored_project(store)
        task = await stored_task(store, project)
        draft = StatusDraft(name="Blocked", category=StatusCategory.STARTED, after_id=project.statuses[0].id)
        project = add_status(project, draft, status_id=new_id(), now=NOW)
        project = reorder_statuses(project, [status.id for status in reversed(project.statuses)], now=NOW)
        project = change_status(project, project.statuses[0].id, name="Dropped", default=True, now=NOW)
        project = remove_status(project, project.statuses[1].id, project.statuses[0].id, now=NOW)
        async with store.write([project.workspace_id]) as work:
            await work.projects.lock(project.id)
            assert await work.tasks.in_status(project.id, task.status.id, 9) == [task.id]
            await work.projects.lock_status(project.statuses[1].id)
            await work.projects.save_workflow(project)
        async with store.read([project.workspace_id]) as work:
            assert await work.projects.find([project.id]) == {project.id: project}

    async def test_labels_are_named_once_and_leave_their_tasks_when_they_are_deleted(self, store: Store) -> None:
        project = await stored_project(store)
        bug, chore = await stored_label(store, project, name="Bug"), await stored_label(store, project, name="chore")
        task = await stored_task(store, project, labels=[chore, bug])
        with pytest.raises(DomainError) as refused:
            await stored_label(store, project, name="bUG")
        assert refused.value.code == "EXISTS"
        async with store.write([project.workspace_id]) as work:
            assert await work.labels.lock(bug.id) == bug
            await work.labels.save(replace(bug, deleted_at=NOW, version=2))
        again = await stored_label(store, project, name="Bug")
        async with store.read([project.workspace_id]) as work:
            assert (await work.tasks.find([task.id]))[task.id].labels == (chore,)
            assert (await work.labels.of_projects([project.id]))[project.id] == (again, chore)
            assert set(await work.labels.find([bug.id, chore.id])) == {bug.id, chore.id}

    async def test_comments_form_threads_and_are_edited_and_reacted_to(self, store: Store) -> None:
        project, ada = await stored_project(store), new_id()
        task = await stored_task(store, project)
        first = await stored_comment(store, task)
        answer = await stored_comment(store, task, parent=first)
        edited = edit_comment(first, "Better", mentioned_ids=[ada], expected=1, now=NOW)
        change = CommentChange(event_id=new_id(), comment=edited, task=task, actor_id=ada, kind=CommentEvent.UPDATED)
        liked = replace(edited, reactions=(Reaction(emoji="+1", user_ids=(ada,)),))
        async with store.write([project.workspace_id], lock_task=task.id) as work:
            await work.comments.save(change)
        async with store.write([project.workspace_id], lock_task=task.id) as work:
            await work.comments.react(replace(change, event_id=new_id(), comment=liked), "+1", NOW)
        async with store.read([project.workspace_id]) as work:
            assert (await work.comments.find([first.id]))[first.id] == liked
            assert (await work.comments.threads([task.id], ALL))[task.id].items == (liked,)
            assert (await work.comments.replies([first.id], ALL))[first.id].items == (answer,)
        async with store.write([project.workspace_id], lock_task=task.id) as work:
            await work.comments.unreact(replace(change, event_id=new_id()), "+1")
        deleted = delete_comment(edited, expected=None, now=NOW)
        async with store.write([project.workspace_id], lock_task=task.id) as work:
            assert (await work.comments.find([first.id]))[first.id] == edited
            await work.comments.react(replace(change, event_id=new_id(), comment=liked), "+1", NOW)
            await work.comments.save(replace(change, event_id=new_id(), comment=deleted))
        async with store.read([project.workspace_id]) as work:
            assert (await work.comments.find([first.id]))[first.id] == deleted

    async def test_people_are_found_by_their_addresses(self, store: Store) -> None:
        profile = replace(a_profile(), email=f"Ada.{new_id()}@Example.org")
        async with store.write(()) as work:
            await work.profiles.put(profile)
            wanted = [profile.email.lower(), "nobody@example.org"]
            assert await work.profiles.with_emails(wanted) == {profile.email.lower(): profile.id}


class TaskListsSuite:
    async def _varied(self, store: Store) -> tuple[Project, list[Task], list[UUID]]:
        """A project of tasks that differ in everything that can be compared."""
        project, people = await stored_project(store), [new_id() for _ in range(3)]
        labels = [await stored_label(store, project, name=name) for name in ("bug", "idea")]
        parent = await stored_task(store, project, title="Parent")
        others = [
            await stored_task(
                store,
                project,
                title=f"Task {number % 4} 100% _done_",
                status=project.statuses[number % 6].name,
                priority=list(Priority)[number % 5],
                assignee_ids=people[: number % 3],
                labels=labels[: number % 3],
                due_at=None if number % 3 else NOW + timedelta(hours=number % 5),
                start_at=NOW if number % 4 == 0 else None,
                estimate=None if number % 2 else number,
                parent_id=parent.id if number % 5 == 0 else None,
            )
            for number in range(11)
        ]
        return project, [parent, *others], [*people, *(label.id for label in labels), parent.id]

    async def test_filters_mean_what_the_domain_says(self, store: Store) -> None:
        project, tasks, ids = await self._varied(store)
        dice = random.Random(5)
        async with store.read([project.workspace_id]) as work:
            for _ in range(120):
                wanted = a_filter(dice, tasks, ids, depth=2)
                found = await work.lists.of_projects([project.id], ALL, TaskQuery(wanted))
                expected = {task.id for task in tasks if matches(task, wanted)}
                assert {task.id for task in found[project.id].items} == expected, wanted
                counted = await work.lists.count_of_project(project.id, TaskQuery(wanted))
                assert counted == Count(len(expected), True)

    async def test_every_field_is_compared_with_every_operator_that_fits(self, store: Store) -> None:
        project, tasks, ids = await self._varied(store)
        dice = random.Random(11)
        async with store.read([project.workspace_id]) as work:
            for field in Field:
                for operator in operators_of(field):
                    wanted = a_comparison(dice, tasks, ids, field, operator)
                    page = await work.lists.of_workspace(project.workspace_id, ALL, TaskQuery(wanted))
                    expected = {task.id for task in tasks if matches(task, wanted)}
                    assert {task.id for task in page.items} == expected, wanted

    async def test_orders_are_walked_page_by_page_while_tasks_come_and_go(self, store: Store) -> None:
        project, tasks, ids = await self._varied(store)
        for field in SortField:
            for descending in (False, True):
                query = TaskQuery(sort=Sort(field, descending))
                expected = sorted(tasks, key=lambda task: (sort_value(task, field), task.id), reverse=descending)
                seen: list[UUID] = []
                window = Window(first=5)
                while True:
                    async with store.read([project.workspace_id]) as work:
                        page = (await work.lists.of_projects([project.id], window, query))[project.id]
                        same = await work.lists.of_workspace(project.workspace_id, window, query)
                    assert page == same
                    seen += [task.id for task in page.items]
                    if not page.has_next:
                        break
                    last = page.items[-1]
                    at = None if field is SortField.CREATED_AT else sort_value(last, field)
                    window = Window(first=5, after=last.id, at=at)  # type: ignore[arg-type]
                assert seen == [task.id for task in expected], query
                mine = [task.id for task in expected if ids[0] in task.assignee_ids]
                async with store.read([project.workspace_id]) as work:
                    assert [task.id for task in (await work.lists.assigned_to(ids[0], ALL, query)).items] == mine
                    assert await work.lists.count_assigned_to(ids[0], query) == Count(len(mine), True)

    async def test_closed_projects_are_left_out_of_the_lists_of_a_workspace(self, store: Store) -> None:
        here = new_id()
        projects = [await stored_project(store, here, key=key) for key in ("A", "B", "C")]
        tasks = [await stored_task(store, project, title="Find me") for project in projects]
        async with store.write([here]) as work:
            await work.projects.save(replace(projects[1], archived_at=NOW, version=2))
            await work.projects.save(replace(projects[2], deleted_at=NOW, version=2))
        async with store.read([here]) as work:
            assert (await work.lists.of_workspace(here, ALL, NEWEST_FIRST)).items == (tasks[0],)
            assert await work.lists.count_of_workspace(here, NEWEST_FIRST) == Count(1, True)
            assert [one.task for one in (await work.lists.search(here, "find", ALL)).items] == [tasks[0]]

    async def test_a_search_finds_words_and_keys_where_the_viewer_may_look(self, store: Store) -> None:
        here = new_id()
        project = await stored_project(store, here, key="ENG")
        other = await stored_project(store, here, key="OPS", visibility=Visibility.PRIVATE, member_ids=[new_id()])
        broken = await stored_task(store, project, title="Engine broken", description="The engine smokes")
        fixed = await stored_task(store, project, title="Repair", description="engine")
        secret = await stored_task(store, other, title="Engine secret")
        elsewhere = await stored_task(store, await stored_project(store), title="Engine")

        async def found(words: str, viewer: Caller | None = None, **options: Any) -> list[UUID]:
            async with store.read(viewer or [here]) as work:
                return [one.id for one in (await work.lists.search(here, words, ALL, **options)).items]

        assert set(await found("engine")) == {broken.id, fixed.id, secret.id}
        assert await found("engine broken") == [broken.id]
        assert await found(project.key + "-2") == [fixed.id]
        assert await found("engine", project_id=other.id) == [secret.id]
        assert set(await found("engine", a_caller(here))) == {broken.id, fixed.id}
        assert elsewhere.id not in await found("engine", a_caller(here, elsewhere.workspace_id))
        assert await found("  ") == []
        await changed(store, broken, TaskPatch(title="Whole again", description="All is well"))
        assert await found("broken") == []
        async with store.read([here]) as work:
            first = await work.lists.search(here, "engine", Window(first=1))
            mark = first.items[0]
            rest = await work.lists.search(here, "engine", Window(first=5, after=mark.id, at=mark.rank))
        assert first.has_next
        assert {one.id for one in rest.items} == {fixed.id, secret.id} - {mark.id}


VALUES: dict[Field, Any] = {
    Field.NUMBER: lambda task: task.number,
    Field.TITLE: lambda task: task.title.upper(),
    Field.STATUS: lambda task: task.status.name,
    Field.STATUS_ID: lambda task: task.status.id,
    Field.STATUS_CATEGORY: lambda task: task.status.category,
    Field.PRIORITY: lambda task: task.priority,
    Field.REPORTER: lambda task: task.reporter_id,
    Field.ESTIMATE: lambda task: task.estimate or 4,
    Field.DUE_AT: lambda task: task.due_at or NOW,
    Field.START_AT: lambda task: task.start_at or NOW,
    Field.CREATED_AT: lambda task: task.created_at,
    Field.UPDATED_AT: lambda task: task.updated_at,
}
ORDERED = {Field.NUMBER, Field.ESTIMATE, Field.DUE_AT, Field.START_AT, Field.CREATED_AT, Field.UPDATED_AT}


def operators_of(field: Field) -> list[Operator]:
    always = [Operator.EQ, Operator.NEQ, Operator.IN, Operator.NIN, Operator.IS_NULL]
    if field in ORDERED:
        return [*always, Operator.LT, Operator.LTE, Operator.GT, Operator.GTE]
    return [*always, Operator.CONTAINS, Operator.STARTS_WITH] if field in (Field.TITLE, Field.STATUS) else always


def a_comparison(
    dice: random.Random, tasks: list[Task], ids: list[UUID], field: Field, operator: Operator
) -> Comparison:
    def value() -> Any:
        return VALUES[field](dice.choice(tasks)) if field in VALUES else dice.choice([*ids, tasks[3].id])

    if operator is Operator.IS_NULL:
        return Comparison(field, operator, dice.random() < 0.5)
    if operator in (Operator.IN, Operator.NIN):
        return Comparison(field, operator, tuple(value() for _ in range(dice.randrange(3))))
    if operator is Operator.CONTAINS:
        return Comparison(field, operator, dice.choice(["0%", "_do", "A", "in "]))
    return Comparison(field, operator, value()[:4] if operator is Operator.STARTS_WITH else value())


def a_filter(dice: random.Random, tasks: list[Task], ids: list[UUID], depth: int) -> Filter:
    if depth == 0 or dice.random() < 0.3:
        field = dice.choice(list(Field))
        return a_comparison(dice, tasks, ids, field, dice.choice(operators_of(field)))
    parts = tuple(a_filter(dice, tasks, ids, depth - 1) for _ in range(dice.randrange(3)))
    filters: list[Filter] = [Every(parts), Some(parts), Never(a_filter(dice, tasks, ids, depth - 1))]
    return dice.choice(filters)


class PrivacySuite:
    async def _private(self, store: Store, member: UUID) -> tuple[Project, Task, Comment]:
        project = await stored_project(store, visibility=Visibility.PRIVATE, member_ids=[member])
        task = await stored_task(store, project, assignee_ids=[member])
        comment = new_comment(task, "Secret", comment_id=new_id(), author_id=member, now=NOW)
        added = CommentChange(event_id=new_id(), comment=comment, task=task, actor_id=member)
        async with store.write([project.workspace_id], lock_task=task.id) as work:
            await work.comments.add(added)
        return project, task, comment

    async def test_a_private_project_is_not_there_for_others_of_the_workspace(self, store: Store) -> None:
        ada = new_id()
        project, task, comment = await self._private(store, ada)
        other = a_caller(project.workspace_id)
        async with store.write(other, lock_task=task.id) as work:
            assert await work.projects.find([project.id]) == {}
            assert await work.projects.lock(project.id) is None
            assert await work.projects.take_number(project.id, members=()) is None
            assert await work.tasks.find([task.id]) == {}
            assert (await work.lists.of_projects([project.id], ALL, NEWEST_FIRST))[project.id].items == ()
            assert (await work.lists.assigned_to(ada, ALL, NEWEST_FIRST)).items == ()
            assert (await work.tasks.activity([task.id], ALL))[task.id].items == ()
            assert await work.comments.find([comment.id]) == {}
            assert (await work.comments.of_tasks([task.id], ALL))[task.id].items == ()
            projects = await work.projects.of_workspaces([project.workspace_id], ALL, ACTIVE)
            assert projects[project.workspace_id].items == ()

    async def test_it_is_there_for_its_members_for_those_who_see_all_and_for_services(self, store: Store) -> None:
        ada = new_id()
        project, task, comment = await self._private(store, ada)
        here = project.workspace_id
        sights: list[Caller | list[UUID]] = [a_caller(here, user_id=ada), a_caller(here, role=Role.ADMIN), [here]]
        for sight in sights:
            async with store.read(sight) as work:
                assert await work.projects.find([project.id]) == {project.id: project}
                assert await work.tasks.find([task.id]) == {task.id: task}
                assert await work.comments.find([comment.id]) == {comment.id: comment}

    async def test_members_come_and_go_with_the_project(self, store: Store) -> None:
        ada, bob = new_id(), new_id()
        project, _, _ = await self._private(store, ada)
        async with store.write([project.workspace_id]) as work:
            await work.projects.save(replace(project, member_ids=(bob,), version=2))
        for user_id, seen in ((ada, 0), (bob, 1)):
            async with store.read(a_caller(project.workspace_id, user_id=user_id)) as work:
                assert len(await work.projects.find([project.id])) == seen
        async with store.write([project.workspace_id]) as work:
            await work.projects.save(replace(project, visibility=Visibility.WORKSPACE, version=3))
        async with store.read(a_caller(project.workspace_id, user_id=ada)) as work:
            assert len(await work.projects.find([project.id])) == 1

    async def test_a_member_is_forgotten_in_all_projects_of_one_workspace(self, store: Store) -> None:
        ada, here = new_id(), new_id()
        first = await stored_project(store, here, key="A", member_ids=[ada])
        second = await stored_project(store, here, key="B", member_ids=[ada])
        elsewhere = await stored_project(store, member_ids=[ada])
        async with store.write([here]) as work:
            await work.projects.forget_member(here, ada)
        async with store.read([here, elsewhere.workspace_id]) as work:
            found = await work.projects.find([first.id, second.id, elsewhere.id])
        assert [ada in project.member_ids for project in found.values()].count(True) == 1
        assert found[first.id].version == 2

    async def test_projects_are_listed_by_their_state(self, store: Store) -> None:
        here, ada = new_id(), new_id()
        active, archived, deleted = [await stored_project(store, here, key=key) for key in ("A", "B", "C")]
        archived = replace(archived, archived_at=NOW)
        deleted = replace(deleted, archived_at=NOW, deleted_at=NOW)
        task = await stored_task(store, active, assignee_ids=[ada])
        for project in (archived, deleted):
            await stored_task(store, project, assignee_ids=[ada])
            async with store.write([here]) as work:
                await work.projects.save(project)
        async with store.read([here]) as work:
            for state, project in zip(ProjectState, (active, archived, deleted), strict=True):
                assert (await work.projects.of_workspaces([here], ALL, state))[here].items == (project,)
            assert (await work.lists.assigned_to(ada, ALL, NEWEST_FIRST)).items == (task,)


class TenantSuite:
    async def test_rows_of_another_workspace_do_not_exist(self, store: Store) -> None:
        project = await stored_project(store)
        ada = new_id()
        task = await stored_task(store, project, assignee_ids=[ada])
        async with store.write([new_id()], lock_task=task.id) as work:
            assert await work.projects.find([project.id]) == {}
            assert await work.projects.lock(project.id) is None
            assert await work.projects.take_number(project.id, members=()) is None
            assert await work.tasks.find([task.id]) == {}
            assert (await work.lists.of_projects([project.id], ALL, NEWEST_FIRST))[project.id].items == ()
            assert (await work.lists.assigned_to(ada, ALL, NEWEST_FIRST)).items == ()
            assert (await work.tasks.activity([task.id], ALL))[task.id].items == ()
            assert (await work.comments.of_tasks([task.id], ALL))[task.id].items == ()
            projects = await work.projects.of_workspaces([project.workspace_id], ALL, ACTIVE)
            assert projects[project.workspace_id].items == ()

    async def test_nothing_is_visible_without_a_workspace(self, store: Store) -> None:
        project = await stored_project(store)
        async with store.read(()) as work:
            assert await work.projects.find([project.id]) == {}

    async def test_a_user_sees_where_they_are_a_member_and_nobody_else_does(self, store: Store) -> None:
        ada, here, there, left = new_id(), new_id(), new_id(), new_id()
        for workspace_id, role in ((here, Role.ADMIN), (there, Role.GUEST), (left, None)):
            async with store.write([workspace_id]) as work:
                await work.memberships.put(a_membership(workspace_id, ada, role=role))
        async with store.read((), user_id=ada) as work:
            assert await work.memberships.of_user(ada) == {here: TABLE[Role.ADMIN], there: TABLE[Role.GUEST]}
        async with store.read((), user_id=new_id()) as work:
            assert await work.memberships.of_user(ada) == {}


class ReplicaSuite:
    async def test_an_older_membership_never_replaces_a_newer_one(self, store: Store) -> None:
        workspace_id, ada = new_id(), new_id()
        async with store.write([workspace_id]) as work:
            assert await work.memberships.put(a_membership(workspace_id, ada, role=None, version=5))
            assert not await work.memberships.put(a_membership(workspace_id, ada, version=4))
            assert await work.memberships.members(workspace_id, [ada]) == set()
            assert await work.memberships.put(a_membership(workspace_id, ada, version=6))
            assert await work.memberships.members(workspace_id, [ada, new_id()]) == {ada}

    async def test_an_older_profile_never_replaces_a_newer_one(self, store: Store) -> None:
        profile = a_profile(version=3, name="Ada Lovelace")
        async with store.write(()) as work:
            assert await work.profiles.put(profile)
            assert not await work.profiles.put(replace(profile, display_name="Ada", version=2))
        async with store.read(()) as work:
            assert await work.profiles.find([profile.id, new_id()]) == {profile.id: profile}


class DeliverySuite:
    async def test_an_event_is_taken_once(self, store: Store) -> None:
        event_id = new_id()
        async with store.write(()) as work:
            assert await work.inbox.take(event_id)
            await work.inbox.mark_ignored(event_id)
        async with store.write(()) as work:
            assert not await work.inbox.take(event_id)

    async def test_an_event_taken_in_a_failed_transaction_was_not_taken(self, store: Store) -> None:
        event_id = new_id()

        async def roll_back() -> None:
            async with store.write(()) as work:
                await work.inbox.take(event_id)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await roll_back()
        async with store.write(()) as work:
            assert await work.inbox.take(event_id)

    async def test_a_key_gives_the_answer_of_its_first_use_again(self, store: Store) -> None:
        project = await stored_project(store)
        caller = replace(a_caller(project.workspace_id), use=a_use())
        answers: list[object] = [
            a_task(project, labels=[a_label(project)], due_at=NOW, estimate=3),
            project,
            replace(a_comment(), reactions=(Reaction(emoji="+1", user_ids=(new_id(),)),)),
            a_label(project),
            [BulkResult(task_id=new_id(), error=not_found("task")), BulkResult(task_id=new_id(), task=a_task(project))],
        ]
        for number, answer in enumerate(answers):
            one = replace(caller, use=a_use(key=f"k{number}"))
            async with store.write(one) as work:
                assert await work.answer(answer) == answer
            with pytest.raises(AlreadyAnswered) as again:
                async with store.write(one):
                    raise AssertionError("the block must not run again")
            assert _plain(again.value.answer) == _plain(answer)

    async def test_fields_of_a_request_share_its_key_and_each_has_its_answer(self, store: Store) -> None:
        project = await stored_project(store)
        owner = f"user:{new_id()}"
        for name in ("first", "second"):
            async with store.write(replace(a_caller(project.workspace_id), use=a_use(owner, field=name))) as work:
                await work.answer(project)

    async def test_a_key_with_another_request_is_refused_even_from_another_workspace(self, store: Store) -> None:
        project, owner = await stored_project(store), f"user:{new_id()}"
        async with store.write(replace(a_caller(project.workspace_id), use=a_use(owner))) as work:
            await work.answer(project)
        for workspace_id, name in ((project.workspace_id, "taskCreate"), (new_id(), "taskCreate"), (new_id(), "other")):
            use = replace(a_use(owner, field=name), fingerprint=b"two")
            with pytest.raises(DomainError) as refused:
                async with store.write(replace(a_caller(workspace_id), use=use)):
                    raise AssertionError("the block must not run")
            assert refused.value.code == "IDEMPOTENCY_MISMATCH"

    async def test_keys_of_different_people_have_nothing_in_common(self, store: Store) -> None:
        project = await stored_project(store)
        for _ in range(2):
            async with store.write(replace(a_caller(project.workspace_id), use=a_use())) as work:
                await work.answer(project)

    async def test_a_key_of_a_failed_transaction_was_not_used(self, store: Store) -> None:
        project, use = await stored_project(store), a_use()
        caller = replace(a_caller(project.workspace_id), use=use)

        async def roll_back() -> None:
            async with store.write(caller) as work:
                await work.answer(project)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await roll_back()
        async with store.write(caller) as work:
            await work.answer(project)

    async def test_only_one_of_many_uses_of_a_key_at_once_does_something(self, store: Store) -> None:
        project = await stored_project(store)
        caller = replace(a_caller(project.workspace_id), use=a_use())

        async def make() -> bool:
            try:
                async with store.write(caller) as work:
                    numbering = await work.projects.take_number(project.id, members=())
                    assert numbering is not None
                    await work.tasks.add(a_creation(a_task(project, number=numbering.number)))
                    await work.answer(project)
            except AlreadyAnswered:
                return False
            return True

        assert sorted(await asyncio.gather(*(make() for _ in range(8)))) == [False] * 7 + [True]
        async with store.read([project.workspace_id]) as work:
            assert len((await work.lists.of_projects([project.id], ALL, NEWEST_FIRST))[project.id].items) == 1


def _plain(answer: object) -> object:
    """Errors have no equality of their own."""
    return [(one.task_id, one.task, repr(one.error)) for one in answer] if isinstance(answer, list) else answer


class StoreSuite(
    ProjectRowsSuite,
    TaskRowsSuite,
    TaskDetailsSuite,
    TaskListsSuite,
    CommentRowsSuite,
    PrivacySuite,
    TenantSuite,
    ReplicaSuite,
    DeliverySuite,
):
    """All of it; a subclass named Test… gives the fixture `store`."""
