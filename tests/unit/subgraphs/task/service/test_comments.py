"""Use cases of comments, over the store in memory."""

from dataclasses import replace

import pytest

from kit.errors import DomainError
from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.comments import Comment, CommentChange, CommentDraft, Reaction
from subgraphs.task.domain.projects import Visibility
from subgraphs.task.service.ports import Window
from tests.unit.subgraphs.task.samples import a_profile
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World


@pytest.fixture
def world() -> World:
    return World()


async def test_a_comment_is_told_with_its_task_whose_version_stays(world: World) -> None:
    task = await world.task()
    comment = await world.services.comments.add(world.viewer(), CommentDraft(task_id=task.id, body="Well done"))
    [told] = [event for event in world.store.state.outbox if isinstance(event, CommentChange)]
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


async def test_comments_of_another_tenant_are_not_found(world: World) -> None:
    draft = CommentDraft(task_id=(await world.task()).id, body="Secret")
    comment = await world.services.comments.add(world.viewer(), draft)
    assert await world.services.comments.find(world.stranger(), [comment.id]) == {}
    assert await world.services.comments.find(world.viewer(), [comment.id]) == {comment.id: comment}


class TestThreads:
    async def test_an_answer_to_an_answer_stands_in_the_same_thread(self, world: World) -> None:
        task = await world.task()
        comments, viewer = world.services.comments, world.viewer()
        first = await comments.add(viewer, CommentDraft(task_id=task.id, body="First"))
        second = await comments.add(viewer, CommentDraft(task_id=task.id, body="Second", parent_id=first.id))
        third = await comments.add(viewer, CommentDraft(task_id=task.id, body="Third", parent_id=second.id))
        assert (second.parent_id, third.parent_id) == (first.id, first.id)
        assert (await comments.replies(viewer, [first.id], Window(first=9)))[first.id].items == (second, third)

    async def test_one_of_another_task_cannot_be_answered(self, world: World) -> None:
        project = await world.project()
        one, two = await world.task(project), await world.task(project)
        first = await world.services.comments.add(world.viewer(), CommentDraft(task_id=one.id, body="First"))
        draft = CommentDraft(task_id=two.id, body="Second", parent_id=first.id)
        assert await code_of(world.services.comments.add(world.viewer(), draft)) == "NOT_FOUND"


class TestMentions:
    async def test_members_are_mentioned_by_id_and_address_strangers_and_code_are_text(self, world: World) -> None:
        task = await world.task()
        bob, carol, stranger = await world.member(), await world.member(), new_id()
        await world.services.profiles.apply(new_id(), replace(a_profile(carol), email="Carol@Example.org"))
        body = f"@[Bob]({bob}) and @carol@example.org, not @[Eve]({stranger}) nor `@[Bob]({world.ada})` @[x](y)"
        comment = await world.services.comments.add(world.viewer(), CommentDraft(task_id=task.id, body=body))
        assert set(comment.mentioned_ids) == {bob, carol}

    async def test_who_does_not_see_a_private_project_is_not_mentioned(self, world: World) -> None:
        bob = await world.member()
        task = await world.task(await world.project(visibility=Visibility.PRIVATE))
        draft = CommentDraft(task_id=task.id, body=f"@[Bob]({bob})")
        assert (await world.services.comments.add(world.viewer(), draft)).mentioned_ids == ()


class TestChanging:
    async def _comment(self, world: World) -> Comment:
        draft = CommentDraft(task_id=(await world.task()).id, body="Words")
        return await world.services.comments.add(world.viewer(), draft)

    async def test_its_author_edits_it_and_nobody_else(self, world: World) -> None:
        comment = await self._comment(world)
        comments = world.services.comments
        admin = world.viewer(user_id=new_id(), role=Role.ADMIN)
        assert await code_of(comments.edit(admin, comment.id, "Mine")) == "FORBIDDEN"
        edited = await comments.edit(world.viewer(), comment.id, "Better words", expected_version=1)
        assert (edited.body, edited.version, edited.edited_at) == ("Better words", 2, world.clock.now())
        with pytest.raises(DomainError) as refused:
            await comments.edit(world.viewer(), comment.id, "Stale", expected_version=1)
        assert refused.value.fields["current"] == {"body": "Better words"}
        assert refused.value.fields["submitted"] == {"body": "Stale"}
        assert await code_of(comments.edit(world.stranger(), comment.id, "Mine")) == "NOT_FOUND"

    async def test_its_author_and_who_changes_projects_delete_it_and_it_keeps_its_place(self, world: World) -> None:
        comments = world.services.comments
        comment = await self._comment(world)
        assert await code_of(comments.delete(world.viewer(user_id=new_id()), comment.id)) == "FORBIDDEN"
        deleted = await comments.delete(world.viewer(user_id=new_id(), role=Role.ADMIN), comment.id)
        assert (deleted.body, deleted.deleted_at) == ("", world.clock.now())
        assert await comments.delete(world.viewer(), comment.id) == deleted
        for attempt in (
            comments.edit(world.viewer(), comment.id, "Again"),
            comments.react(world.viewer(), comment.id, "+1", adding=True),
            comments.add(world.viewer(), CommentDraft(task_id=comment.task_id, body="Answer", parent_id=comment.id)),
        ):
            assert await code_of(attempt) == "PRECONDITION_FAILED"

    async def test_reactions_come_and_go_once_for_each_person(self, world: World) -> None:
        comment, bob = await self._comment(world), world.viewer(user_id=new_id())
        react = world.services.comments.react
        for _ in range(2):
            comment = await react(world.viewer(), comment.id, "🎉", adding=True)
        comment = await react(bob, comment.id, "🎉", adding=True)
        assert comment.reactions == (Reaction(emoji="🎉", user_ids=(world.ada, bob.caller.user_id)),)
        for _ in range(2):
            comment = await react(world.viewer(), comment.id, "🎉", adding=False)
        assert comment.reactions == (Reaction(emoji="🎉", user_ids=(bob.caller.user_id,)),)
        told = [event.kind for event in world.store.state.outbox if isinstance(event, CommentChange)]
        assert told == ["comment.added", *["comment.updated"] * 3]
        for emoji in ("", "two words", "x" * 17):
            assert await code_of(react(bob, comment.id, emoji, adding=True)) == "BAD_INPUT"

    async def test_whoever_comments_watches_the_task(self, world: World) -> None:
        bob = world.viewer(user_id=new_id())
        task = await world.task()
        await world.services.comments.add(bob, CommentDraft(task_id=task.id, body="Hello"))
        assert world.store.state.tasks[task.id].watcher_ids == (world.ada, bob.caller.user_id)
