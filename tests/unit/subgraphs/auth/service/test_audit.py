"""What was done in a workspace is written down in the commit that does it, and read by those who may."""

from __future__ import annotations

import pytest

from kit.errors import DomainError
from proto.permissions import Permission, Role
from subgraphs.auth.domain.audit import Action
from tests.testkit.auth_world import World


async def test_every_change_is_written_down_in_its_order() -> None:
    world = World()
    ada = await world.person("ada")
    workspace = await world.tenants.create(ada.id, "Engines", None)
    bob = await world.member(workspace, ada, "bob")
    role = await world.role(workspace, ada, Permission.TASK_CREATE)
    await world.members.change(ada.id, workspace.id, bob.id, role.id)
    await world.roles.update(ada.id, role.id, "Writer", None)
    await world.members.change(ada.id, workspace.id, bob.id, Role.GUEST)
    await world.roles.delete(ada.id, role.id, None)
    await world.members.change(bob.id, workspace.id, bob.id, None)
    cyd = await world.member(workspace, ada, "cyd")
    await world.members.change(ada.id, workspace.id, cyd.id, None)
    for _ in range(2):
        invitation = await world.inviting.invite(ada.id, workspace.id, "dan@example.com", Role.MEMBER)
    await world.inviting.revoke(ada.id, invitation.id)
    await world.tenants.update(ada.id, workspace.id, "Looms", None)
    await world.tenants.delete(ada.id, workspace.id)
    await world.tenants.restore(ada.id, workspace.id)
    fay = await world.member(workspace, ada, "fay")
    await world.members.transfer(ada.id, workspace.id, fay.id)
    entries, more = await world.audit.page(ada.id, workspace.id, first=100, after=None)
    assert not more
    assert [entry.action for entry in reversed(entries)] == [
        Action.WORKSPACE_CREATED,
        Action.INVITATION_SENT,
        Action.MEMBER_JOINED,
        Action.ROLE_CREATED,
        Action.MEMBER_CHANGED,
        Action.ROLE_UPDATED,
        Action.MEMBER_CHANGED,
        Action.ROLE_DELETED,
        Action.MEMBER_LEFT,
        Action.INVITATION_SENT,
        Action.MEMBER_JOINED,
        Action.MEMBER_REMOVED,
        Action.INVITATION_SENT,
        Action.INVITATION_RESENT,
        Action.INVITATION_REVOKED,
        Action.WORKSPACE_UPDATED,
        Action.WORKSPACE_DELETED,
        Action.WORKSPACE_RESTORED,
        Action.INVITATION_SENT,
        Action.MEMBER_JOINED,
        Action.WORKSPACE_TRANSFERRED,
    ]
    changed = entries[-5]
    assert (changed.actor_id, changed.subject_id) == (ada.id, bob.id)
    assert changed.details == {"before": "member", "after": f"custom {role.id}"}


async def test_pages_follow_each_other_from_the_newest() -> None:
    world = World()
    ada = await world.person("ada")
    workspace = await world.tenants.create(ada.id, "Engines", None)
    await world.member(workspace, ada, "bob")
    first, more = await world.audit.page(ada.id, workspace.id, first=2, after=None)
    rest, end = await world.audit.page(ada.id, workspace.id, first=2, after=first[-1].id)
    assert [entry.action for entry in first + rest] == [
        Action.MEMBER_JOINED,
        Action.INVITATION_SENT,
        Action.WORKSPACE_CREATED,
    ]
    assert (more, end) == (True, False)


async def test_what_is_refused_is_not_written_down() -> None:
    world = World()
    ada = await world.person("ada")
    workspace = await world.tenants.create(ada.id, "Engines", None)
    before = dict(world.database.tables.audit)
    with pytest.raises(DomainError):
        await world.members.change(ada.id, workspace.id, ada.id, None)
    assert world.database.tables.audit == before


@pytest.mark.parametrize(("role", "code"), [(Role.MEMBER, "FORBIDDEN"), (Role.GUEST, "FORBIDDEN"), (None, "NOT_FOUND")])
async def test_others_may_not_read_it(role: Role | None, code: str) -> None:
    world = World()
    ada = await world.person("ada")
    workspace = await world.tenants.create(ada.id, "Engines", None)
    other = await world.person("bob") if role is None else await world.member(workspace, ada, "bob", role)
    with pytest.raises(DomainError) as refused:
        await world.audit.page(other.id, workspace.id, first=1, after=None)
    assert refused.value.code == code
