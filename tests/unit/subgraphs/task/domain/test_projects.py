"""What a valid project is and who may change it."""

from dataclasses import replace
from typing import Any

import pytest

from kit.errors import DomainError
from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.projects import (
    DEFAULT_STATES,
    ProjectDraft,
    ProjectPatch,
    StatusCategory,
    check_version,
    may_update,
    new_project,
    revise_project,
)
from tests.unit.subgraphs.task.samples import NOW, a_caller, a_project


def made(**details: Any) -> None:
    draft = replace(ProjectDraft(workspace_id=new_id(), key="ENG", name="Engineering"), **details)
    new_project(draft, project_id=new_id(), status_ids=[new_id() for _ in DEFAULT_STATES], creator_id=new_id(), now=NOW)


class TestNewProject:
    def test_it_has_a_workflow_with_every_category_and_a_default(self) -> None:
        project = a_project()
        assert {status.category for status in project.statuses} == set(StatusCategory)
        assert project.default_status.category is StatusCategory.UNSTARTED

    def test_its_creator_leads_it_unless_another_is_named(self) -> None:
        project = a_project()
        assert project.lead_id == project.created_by

    def test_a_key_is_written_in_capitals(self) -> None:
        assert a_project(key=" eng2 ").key == "ENG2"

    @pytest.mark.parametrize("key", ["", "1A", "A-B", "ABCDEFGHIJK", "ÄB", "A B", "x" * 1_000_000])
    def test_a_key_that_is_none_is_refused(self, key: str) -> None:
        with pytest.raises(DomainError) as refused:
            made(key=key)
        assert set(refused.value.fields) == {"key"}

    @pytest.mark.parametrize("name", ["", " ", "x" * 201, "two\nlines"])
    def test_a_name_that_is_none_is_refused(self, name: str) -> None:
        with pytest.raises(DomainError) as refused:
            made(name=name)
        assert set(refused.value.fields) == {"name"}


class TestRevise:
    def test_a_change_counts_the_version_up_and_no_change_keeps_the_object(self) -> None:
        project = a_project()
        assert revise_project(project, ProjectPatch(name="New"), actor_id=new_id(), now=NOW).version == 2
        assert revise_project(project, ProjectPatch(name=project.name), actor_id=new_id(), now=NOW) is project

    def test_a_stale_version_is_told_both_sides(self) -> None:
        project = revise_project(a_project(), ProjectPatch(name="Theirs"), actor_id=new_id(), now=NOW)
        with pytest.raises(DomainError) as refused:
            check_version(project, 1, ProjectPatch(name="Mine"))
        assert refused.value.fields["submitted"] == {"name": "Mine"}
        assert refused.value.fields["current"]["name"] == "Theirs"
        assert (refused.value.fields["expected"], refused.value.fields["actual"]) == (1, 2)


class TestMayUpdate:
    @pytest.mark.parametrize(
        ("role", "leads", "allowed"),
        [
            (Role.OWNER, False, True),
            (Role.ADMIN, False, True),
            (Role.MEMBER, False, False),
            (Role.MEMBER, True, True),
            (Role.GUEST, True, False),
        ],
    )
    def test_by_role_or_as_lead_who_still_works_there(self, role: Role, leads: bool, allowed: bool) -> None:
        project = a_project()
        caller = a_caller(project.workspace_id, role=role, user_id=project.lead_id if leads else None)
        assert may_update(caller, project) is allowed
