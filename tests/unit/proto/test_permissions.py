"""The permission table: written out here once more, so that a change of it is a decision."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proto.permissions import (
    GRANTABLE,
    MEANING,
    OWNERS_ONLY,
    TABLE,
    Permission,
    Role,
    may_give,
    parse_permissions,
    permissions_of,
)

EXPECTED = """
                     owner admin member guest custom
workspace.read         x     x     x      x     x
workspace.update       x     x     -      -     -
workspace.delete       x     -     -      -     -
workspace.transfer     x     -     -      -     -
members.read           x     x     x      x     x
members.invite         x     x     -      -     -
members.change         x     x     -      -     -
roles.manage           x     x     -      -     -
audit.read             x     x     -      -     -
project.read           x     x     x      x     x
project.create         x     x     x      -     -
project.update         x     x     -      -     -
project.delete         x     x     -      -     -
project.private        x     x     -      -     -
task.create            x     x     x      -     -
task.update            x     x     x      -     -
task.delete            x     x     x      -     -
comment.add            x     x     x      -     -
sla.manage             x     x     -      -     -
recurrence.manage      x     x     x      -     -
"""

permissions = st.frozensets(st.sampled_from(Permission))


def test_every_cell_is_expected() -> None:
    roles, *rows = [line.split() for line in EXPECTED.strip().splitlines()]
    expected = {(role, row[0]): cell == "x" for row in rows for role, cell in zip(roles, row[1:], strict=True)}
    assert {(role, one.value): one in TABLE[role] for role in Role for one in Permission} == expected


def test_every_permission_says_what_it_allows() -> None:
    assert set(MEANING) == set(Permission)


def test_without_a_role_nothing_is_allowed() -> None:
    assert permissions_of(None, [one.value for one in Permission]) == frozenset()


@pytest.mark.parametrize("name", ["emperor", "", "OWNER "])
def test_an_unknown_role_is_the_weakest(name: str) -> None:
    assert permissions_of(name, [one.value for one in Permission]) == TABLE[Role.GUEST]


@settings(deadline=None)
@given(permissions)
def test_a_custom_role_is_its_permissions_and_what_everybody_may_but_never_what_is_the_owners(
    named: frozenset[Permission],
) -> None:
    held = permissions_of("custom", [*named, "of.another.version"])
    assert held == TABLE[Role.GUEST] | (named & GRANTABLE)
    assert held.isdisjoint(OWNERS_ONLY)


@settings(deadline=None)
@given(permissions, st.sampled_from([role for role in Role if role is not Role.CUSTOM]))
def test_names_add_nothing_to_a_role_that_is_not_custom(named: frozenset[Permission], role: Role) -> None:
    assert permissions_of(role.value.upper(), named) == TABLE[role]


@settings(deadline=None)
@given(permissions, permissions)
def test_nobody_gives_more_than_they_have(mine: frozenset[Permission], given: frozenset[Permission]) -> None:
    assert may_give(mine, given) == all(one in mine for one in given)


def test_only_owners_give_and_take_ownership() -> None:
    assert [role for role in Role if may_give(TABLE[role], TABLE[Role.OWNER])] == [Role.OWNER]


def test_names_of_another_version_are_left_out() -> None:
    assert parse_permissions(["task.create", "moon.shoot"]) == {Permission.TASK_CREATE}
