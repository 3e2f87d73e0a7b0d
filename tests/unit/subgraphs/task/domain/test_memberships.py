"""Who may do what: the whole table."""

import pytest

from kit.ids import new_id
from subgraphs.task.domain.memberships import PERMISSIONS, Permission, Role
from tests.unit.subgraphs.task.samples import a_caller

GUEST = {"read"}
MEMBER = GUEST | {"project.create", "task.create", "task.update", "task.delete", "comment.add"}
ADMIN = MEMBER | {"project.update"}


@pytest.mark.parametrize(
    ("role", "permissions"), [(Role.GUEST, GUEST), (Role.MEMBER, MEMBER), (Role.ADMIN, ADMIN), (Role.OWNER, ADMIN)]
)
def test_each_role_holds_exactly_these_permissions(role: Role, permissions: set[str]) -> None:
    assert PERMISSIONS[role] == permissions


def test_a_role_counts_only_in_its_own_workspace() -> None:
    here, there = new_id(), new_id()
    caller = a_caller(here, role=Role.OWNER)
    assert caller.may(Permission.TASK_CREATE, here)
    assert not any(caller.may(permission, there) for permission in Permission)


@pytest.mark.parametrize(("name", "role"), [("OWNER", Role.OWNER), ("guest", Role.GUEST), ("auditor", Role.GUEST)])
def test_an_unknown_role_gives_the_least(name: str, role: Role) -> None:
    assert Role.parse(name) is role


def test_memberships_learnt_later_never_override_the_tokens() -> None:
    here, there = new_id(), new_id()
    caller = a_caller(here, role=Role.GUEST).joined({here: Role.OWNER, there: Role.MEMBER})
    assert caller.roles == {here: Role.GUEST, there: Role.MEMBER}
