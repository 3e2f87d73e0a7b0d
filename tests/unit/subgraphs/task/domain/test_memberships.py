"""A caller's rights: by the one table of permissions, in one workspace at a time."""

from kit.ids import new_id
from proto.permissions import TABLE, Permission, Role
from subgraphs.task.domain.memberships import Caller, Membership
from tests.unit.subgraphs.task.samples import a_caller, a_membership


def test_a_role_counts_only_in_its_own_workspace() -> None:
    here, there = new_id(), new_id()
    caller = a_caller(here, role=Role.OWNER)
    assert caller.may(Permission.TASK_CREATE, here)
    assert not any(caller.may(permission, there) for permission in Permission)


def test_a_custom_role_gives_what_it_names_on_top_of_a_guest() -> None:
    membership = Membership(
        workspace_id=new_id(),
        user_id=new_id(),
        role=Role.CUSTOM,
        version=1,
        permissions=frozenset({"task.create", "of.tomorrow"}),
    )
    assert membership.rights == TABLE[Role.GUEST] | {Permission.TASK_CREATE}
    assert a_membership(new_id(), role=None).rights == frozenset()


def test_only_who_may_see_all_private_projects_is_not_confined() -> None:
    here, there = new_id(), new_id()
    caller = Caller(user_id=new_id(), rights={here: TABLE[Role.ADMIN], there: TABLE[Role.MEMBER]})
    assert caller.confined == {there}


def test_memberships_learnt_later_never_override_the_tokens() -> None:
    here, there = new_id(), new_id()
    caller = a_caller(here, role=Role.GUEST).joined({here: TABLE[Role.OWNER], there: TABLE[Role.MEMBER]})
    assert caller.rights == {here: TABLE[Role.GUEST], there: TABLE[Role.MEMBER]}
