"""Use cases of comments, over the store in memory."""

import pytest

from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.comments import CommentAdded, CommentDraft
from subgraphs.task.service.ports import Window
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World


@pytest.fixture
def world() -> World:
    return World()


async def test_a_comment_is_told_with_its_task_whose_version_stays(world: World) -> None:
    task = await world.task()
    comment = await world.services.comments.add(world.viewer(), CommentDraft(task_id=task.id, body="Well done"))
    [told] = [event for event in world.store.state.outbox if isinstance(event, CommentAdded)]
    assert (told.comment, told.task, told.actor_id) == (comment, task, world.ada)
    [page] = (await world.services.comments.of_tasks(world.viewer(), [task.id], Window(first=5))).values()
    assert page.items == (comment,)


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 20_001, "nul \x00"])
async def test_a_body_that_is_none_is_refused(world: World, body: str) -> None:
    task = await world.task()
    attempt = world.services.comments.add(world.viewer(), CommentDraft(task_id=task.id, body=body))
    assert await code_of(attempt) == "BAD_INPUT"
    assert world.store.state.comments == {}


async def test_a_deleted_task_takes_no_comments(world: World) -> None:
    task = await world.task()
    await world.services.tasks.delete(world.viewer(), task.id)
    attempt = world.services.comments.add(world.viewer(), CommentDraft(task_id=task.id, body="Late"))
    assert await code_of(attempt) == "TASK_DELETED"


async def test_guests_and_other_tenants_add_none(world: World) -> None:
    draft = CommentDraft(task_id=(await world.task()).id, body="Hello")
    assert await code_of(world.services.comments.add(world.viewer(role=Role.GUEST), draft)) == "FORBIDDEN"
    assert await code_of(world.services.comments.add(world.stranger(), draft)) == "NOT_FOUND"
    assert await code_of(world.services.comments.add(world.viewer(), CommentDraft(task_id=new_id(), body="x"))) == (
        "NOT_FOUND"
    )


async def test_an_idempotency_key_makes_one_comment(world: World) -> None:
    draft = CommentDraft(task_id=(await world.task()).id, body="Once")
    first = await world.services.comments.add(world.viewer(), draft, key="k")
    assert await world.services.comments.add(world.viewer(), draft, key="k") == first
    assert len(world.store.state.comments) == 1


async def test_comments_of_another_tenant_are_not_found(world: World) -> None:
    draft = CommentDraft(task_id=(await world.task()).id, body="Secret")
    comment = await world.services.comments.add(world.viewer(), draft)
    assert await world.services.comments.find(world.stranger(), [comment.id]) == {}
    assert await world.services.comments.find(world.viewer(), [comment.id]) == {comment.id: comment}
