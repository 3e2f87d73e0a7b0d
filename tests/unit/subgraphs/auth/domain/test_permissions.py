"""The permission table: written out here once more, cell by cell, so that a change of it is a decision."""

from __future__ import annotations

import pytest

from subgraphs.auth.domain.memberships import Role
from subgraphs.auth.domain.permissions import GRANTS, TABLE, Permission, allows, may_grant

EXPECTED = {
    (Role.OWNER, Permission.WORKSPACE_READ): True,
    (Role.OWNER, Permission.MEMBERS_READ): True,
    (Role.OWNER, Permission.MEMBERS_INVITE): True,
    (Role.OWNER, Permission.MEMBERS_CHANGE): True,
    (Role.ADMIN, Permission.WORKSPACE_READ): True,
    (Role.ADMIN, Permission.MEMBERS_READ): True,
    (Role.ADMIN, Permission.MEMBERS_INVITE): True,
    (Role.ADMIN, Permission.MEMBERS_CHANGE): True,
    (Role.MEMBER, Permission.WORKSPACE_READ): True,
    (Role.MEMBER, Permission.MEMBERS_READ): True,
    (Role.MEMBER, Permission.MEMBERS_INVITE): False,
    (Role.MEMBER, Permission.MEMBERS_CHANGE): False,
    (Role.GUEST, Permission.WORKSPACE_READ): True,
    (Role.GUEST, Permission.MEMBERS_READ): True,
    (Role.GUEST, Permission.MEMBERS_INVITE): False,
    (Role.GUEST, Permission.MEMBERS_CHANGE): False,
}


def test_every_cell_is_expected() -> None:
    assert {(role, permission): allows(role, permission) for role in Role for permission in Permission} == EXPECTED


def test_every_role_has_its_rows() -> None:
    assert set(TABLE) == set(GRANTS) == set(Role)


@pytest.mark.parametrize("permission", Permission)
def test_without_a_role_nothing_is_allowed(permission: Permission) -> None:
    assert not allows(None, permission)


def test_nobody_gives_more_than_they_have() -> None:
    order = list(Role)
    for role in Role:
        for granted in GRANTS[role]:
            assert order.index(granted) >= order.index(role)


def test_only_owners_give_and_take_ownership() -> None:
    assert [role for role in Role if may_grant(role, Role.OWNER)] == [Role.OWNER]
    assert not may_grant(None, None)
