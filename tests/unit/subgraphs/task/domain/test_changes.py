"""How a task changes: the rule of versions, and what a stale change is told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from kit.ids import new_id
from subgraphs.task.domain.changes import (
    ChangeKind,
    TaskChange,
    check_version,
    delete,
    restore,
    revise,
    submitted_values,
    value_of,
)
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.tasks import Priority, Task, TaskPatch
from subgraphs.task.domain.unset import UNSET
from tests.unit.subgraphs.task.samples import NOW, a_project, a_task

LATER = NOW + timedelta(days=2)


def revised(task: Task, patch: TaskPatch, project: Project | None = None) -> list[TaskChange]:
    moved_to = project.status_named(patch.status) if project and isinstance(patch.status, str) else None
    return revise(task, patch, moved_to=moved_to, new_id=new_id, actor_id=new_id(), now=NOW)


class TestRevise:
    def test_a_status_change_is_one_change_that_only_the_status_event_tells(self) -> None:
        project = a_project()
        [change] = revised(a_task(project), TaskPatch(status="done"), project)
        assert change.kind is ChangeKind.STATUS_UPDATED
        assert change.changed == ("status", "statusCategory")
        assert change.previous == {"status": "Todo", "statusCategory": "UNSTARTED"}
        assert (change.task.version, change.task.status.name) == (2, "Done")

    def test_a_move_within_a_category_names_only_the_status(self) -> None:
        project = a_project()
        task = a_task(project, status="In Progress")
        [change] = revised(task, TaskPatch(status="In Review"), project)
        assert change.changed == ("status",)

    def test_other_fields_are_one_change_together(self) -> None:
        [change] = revised(a_task(title="Old"), TaskPatch(title="New", priority=Priority.HIGH, due_at=LATER))
        assert change.kind is ChangeKind.UPDATED
        assert change.changed == ("title", "priority", "dueAt")
        assert change.previous == {"title": "Old", "priority": Priority.NONE, "dueAt": None}
        assert change.values == {"title": "New", "priority": Priority.HIGH, "dueAt": LATER}

    def test_both_are_two_changes_with_a_version_each_and_the_fields_come_first(self) -> None:
        project = a_project()
        fields, status = revised(a_task(project, title="Old"), TaskPatch(title="New", status="Done"), project)
        assert (fields.kind, fields.task.version, fields.task.status.name) == (ChangeKind.UPDATED, 2, "Todo")
        assert (status.kind, status.task.version, status.task.title) == (ChangeKind.STATUS_UPDATED, 3, "New")

    def test_a_patch_that_says_what_is_already_so_changes_nothing(self) -> None:
        project = a_project()
        task = a_task(project, due_at=LATER)
        same = TaskPatch(title=task.title, status=task.status.name, due_at=LATER, assignee_ids=())
        assert revised(task, same, project) == []

    def test_none_takes_the_due_date_away(self) -> None:
        [change] = revised(a_task(due_at=LATER), TaskPatch(due_at=None))
        assert change.task.due_at is None

    def test_a_due_date_in_the_past_is_refused_unless_it_was_there_already(self) -> None:
        past = NOW - timedelta(seconds=1)
        with pytest.raises(DomainError) as refused:
            revised(a_task(), TaskPatch(due_at=past))
        assert refused.value.code == "DUE_DATE_IN_PAST"
        assert revised(a_task(due_at=past), TaskPatch(due_at=past)) == []

    def test_a_deleted_task_is_not_changed(self) -> None:
        [deletion] = delete(a_task(), change_id=new_id(), actor_id=new_id(), now=NOW)
        with pytest.raises(DomainError) as refused:
            revised(deletion.task, TaskPatch(title="New"))
        assert refused.value.code == "TASK_DELETED"

    @given(
        patches=st.lists(
            st.builds(
                TaskPatch,
                title=st.sampled_from([UNSET, "One", "Two"]),
                priority=st.sampled_from([UNSET, *Priority]),
                due_at=st.sampled_from([UNSET, None, LATER]),
                status=st.sampled_from([UNSET, "Todo", "Done", "In Progress"]),
            ),
            max_size=6,
        )
    )
    def test_every_change_has_its_own_version_and_undoes_to_the_one_before(self, patches: Sequence[TaskPatch]) -> None:
        project = a_project()
        task = a_task(project)
        for patch in patches:
            for change in revised(task, patch, project):
                assert change.task.version == task.version + 1
                assert change.changed
                assert {name: value_of(task, name) for name in change.changed} == change.previous
                assert all(change.values[name] != change.previous[name] for name in change.changed)
                assert (change.kind is ChangeKind.STATUS_UPDATED) == ("status" in change.changed)
                task = change.task


class TestDeleteAndRestore:
    def test_each_is_a_change_of_its_own_and_repeating_it_changes_nothing(self) -> None:
        task = a_task()
        [deletion] = delete(task, change_id=new_id(), actor_id=new_id(), now=NOW)
        assert (deletion.changed, deletion.previous) == (("deletedAt",), {"deletedAt": None})
        assert delete(deletion.task, change_id=new_id(), actor_id=new_id(), now=NOW) == []
        [restoration] = restore(deletion.task, change_id=new_id(), actor_id=new_id(), now=NOW)
        assert (restoration.task.version, restoration.task.deleted_at) == (3, None)
        assert restore(restoration.task, change_id=new_id(), actor_id=new_id(), now=NOW) == []


class TestCheckVersion:
    def test_a_stale_version_is_told_both_sides(self) -> None:
        task = a_task(title="Theirs")
        [change] = revised(task, TaskPatch(description="Theirs too"))
        patch = TaskPatch(title="Mine", due_at=None)
        with pytest.raises(DomainError) as refused:
            check_version(change.task, 1, changed=["description"], submitted=submitted_values(patch))
        assert refused.value.code == "VERSION_CONFLICT"
        expected: dict[str, Any] = {
            "expected": 1,
            "actual": 2,
            "changed": ["description"],
            "current": {"description": "Theirs too", "title": "Theirs", "dueAt": None},
            "submitted": {"title": "Mine", "dueAt": None},
        }
        assert refused.value.fields == expected

    @pytest.mark.parametrize("expected", [None, 1])
    def test_the_current_version_or_none_passes(self, expected: int | None) -> None:
        check_version(a_task(), expected, changed=[], submitted={})
