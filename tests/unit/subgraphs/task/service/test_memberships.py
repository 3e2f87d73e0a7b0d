"""Whose rows a request may touch, and how the replica of memberships is kept."""

from kit.ids import new_id
from proto.permissions import TABLE, Role
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.service.memberships import Viewer
from tests.unit.subgraphs.task.samples import a_membership
from tests.unit.subgraphs.task.world import World


async def test_an_event_applies_once_and_an_older_one_is_a_recorded_no_op() -> None:
    world, bob = World(), new_id()
    removal, joining = new_id(), new_id()
    assert await world.services.memberships.apply(removal, a_membership(world.workspace_id, bob, role=None, version=2))
    assert not await world.services.memberships.apply(joining, a_membership(world.workspace_id, bob, version=1))
    assert not await world.services.memberships.apply(joining, a_membership(world.workspace_id, bob, version=3))
    assert world.store.state.inbox == {removal: True, joining: False}
    assert await world.services.memberships.of_user(bob) == {}


class TestViewer:
    async def test_the_tokens_role_is_not_overridden_by_the_replica(self) -> None:
        world = World()
        await world.services.memberships.apply(new_id(), a_membership(world.workspace_id, world.ada, role=Role.OWNER))
        viewer = world.viewer(role=Role.GUEST)
        assert not await viewer.widen()
        assert viewer.caller.rights == {world.workspace_id: TABLE[Role.GUEST]}

    async def test_the_replica_is_asked_once_and_the_owner_once_per_workspace(self) -> None:
        world = World()
        viewer = world.stranger()
        for _ in range(3):
            assert not await viewer.enter(world.workspace_id)
        assert len(world.directory.asked) == 1

    async def test_what_the_owner_says_is_kept_for_the_next_request(self) -> None:
        world, bob = World(), new_id()
        world.directory.knows(a_membership(world.workspace_id, bob, role=Role.ADMIN))
        for _ in range(2):
            viewer = world.viewer(new_id(), user_id=bob)
            assert await viewer.enter(world.workspace_id)
            assert viewer.caller.rights[world.workspace_id] == TABLE[Role.ADMIN]
        assert world.directory.asked == [bob]

    async def test_a_fixed_one_never_sees_more(self) -> None:
        world, bob = World(), await World().member()
        await world.services.memberships.apply(new_id(), a_membership(world.workspace_id, bob))
        here = new_id()
        viewer = Viewer(Caller(user_id=bob, rights={here: TABLE[Role.MEMBER]}), world.services.memberships, fixed=True)
        assert not await viewer.widen()
        assert not await viewer.enter(world.workspace_id)
        assert await viewer.enter(here)
        assert world.directory.asked == []
