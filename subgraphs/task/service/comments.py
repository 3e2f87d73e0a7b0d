"""Use cases of comments. Invariant: a comment and its event are written together, and its task keeps its version."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.comments import (
    MOST_REACTIONS,
    Comment,
    CommentChange,
    CommentDraft,
    CommentEvent,
    Reaction,
    check_comment,
    check_emoji,
    delete_comment,
    edit_comment,
    mentions_in,
    new_comment,
)
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import may_see
from subgraphs.task.domain.tasks import MOST_WATCHERS, Task
from subgraphs.task.errors import forbidden, not_found, too_many_reactions
from subgraphs.task.service.memberships import Viewer
from subgraphs.task.service.ports import Page, Store, Window, Work
from subgraphs.task.service.tasks import for_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What can be done with comments."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def add(self, viewer: Viewer, draft: CommentDraft) -> Comment:
        """A new comment; whoever says something watches the task from then on.

        Raises:
            DomainError: NOT_FOUND task or comment to answer, FORBIDDEN, TASK_DELETED, invalid.
        """
        return await viewer.attempt(lambda caller: self._add(caller, draft))

    async def _add(self, caller: Caller, draft: CommentDraft) -> Comment:
        async with self.store.write(caller, lock_task=draft.task_id) as work:
            task = await for_change(work, caller, draft.task_id, Permission.COMMENT_ADD)
            parent = await self._parent(work, draft)
            if caller.user_id not in task.watcher_ids and len(task.watcher_ids) < MOST_WATCHERS:
                await work.tasks.watch(task.id, caller.user_id, watching=True)
                task = replace(task, watcher_ids=(*task.watcher_ids, caller.user_id))
            comment = new_comment(
                task,
                draft.body,
                comment_id=self.new_id(),
                author_id=caller.user_id,
                now=self.clock.now(),
                parent=parent,
                mentioned_ids=await mentioned(work, task, draft.body),
            )
            await work.comments.add(
                CommentChange(event_id=self.new_id(), comment=comment, task=task, actor_id=caller.user_id)
            )
            return await work.answer(comment)

    @staticmethod
    async def _parent(work: Work, draft: CommentDraft) -> Comment | None:
        if draft.parent_id is None:
            return None
        parent = (await work.comments.find([draft.parent_id])).get(draft.parent_id)
        if parent is None or parent.task_id != draft.task_id:
            raise not_found("comment")
        return parent

    async def edit(
        self, viewer: Viewer, comment_id: UUID, body: str, *, expected_version: int | None = None
    ) -> Comment:
        """The comment in other words; only its author finds them.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, invalid, a precondition when it is deleted.
        """

        async def run(caller: Caller) -> Comment:
            task_id = await self._task_of(caller, comment_id)
            async with self.store.write(caller, lock_task=task_id) as work:
                task, comment = await self._for_change(work, caller, task_id, comment_id)
                if comment.author_id != caller.user_id:
                    raise forbidden(Permission.COMMENT_ADD)
                edited = edit_comment(
                    comment,
                    body,
                    mentioned_ids=await mentioned(work, task, body),
                    expected=expected_version,
                    now=self.clock.now(),
                )
                return await work.answer(await self._save(work, caller, task, comment, edited))

        return await viewer.attempt(run)

    async def delete(self, viewer: Viewer, comment_id: UUID, *, expected_version: int | None = None) -> Comment:
        """The comment without its words; for its author and for who may change the whole project.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT.
        """

        async def run(caller: Caller) -> Comment:
            task_id = await self._task_of(caller, comment_id)
            async with self.store.write(caller, lock_task=task_id) as work:
                task, comment = await self._for_change(work, caller, task_id, comment_id)
                moderates = caller.may(Permission.PROJECT_UPDATE, task.workspace_id)
                if comment.author_id != caller.user_id and task.project.lead_id != caller.user_id and not moderates:
                    raise forbidden(Permission.PROJECT_UPDATE)
                deleted = delete_comment(comment, expected=expected_version, now=self.clock.now())
                return await work.answer(await self._save(work, caller, task, comment, deleted))

        return await viewer.attempt(run)

    async def react(self, viewer: Viewer, comment_id: UUID, emoji: str, *, adding: bool) -> Comment:
        """The comment with the caller's reaction, or without; doing it twice changes nothing more.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, invalid, a precondition when it is deleted or full of reactions.
        """
        sign = check_emoji(emoji)

        async def run(caller: Caller) -> Comment:
            task_id = await self._task_of(caller, comment_id)
            async with self.store.write(caller, lock_task=task_id) as work:
                task, comment = await self._for_change(work, caller, task_id, comment_id)
                check_comment(comment, None, None)
                mine = any(one.emoji == sign and caller.user_id in one.user_ids for one in comment.reactions)
                if mine is not adding:
                    comment = await self._react(work, caller, task, comment, sign, adding=adding)
                return await work.answer(comment)

        return await viewer.attempt(run)

    async def _react(
        self, work: Work, caller: Caller, task: Task, comment: Comment, emoji: str, *, adding: bool
    ) -> Comment:
        if adding and sum(len(one.user_ids) for one in comment.reactions) >= MOST_REACTIONS:
            raise too_many_reactions(MOST_REACTIONS)
        now = self.clock.now()
        after = replace(comment, reactions=reacted(comment, emoji, caller.user_id, adding=adding), updated_at=now)
        change = self._change(caller, task, after)
        if adding:
            await work.comments.react(change, emoji, now)
        else:
            await work.comments.unreact(change, emoji)
        return replace(after, updated_at=comment.updated_at)

    async def _task_of(self, caller: Caller, comment_id: UUID) -> UUID:
        found = await self._find(caller, [comment_id])
        if comment_id not in found:
            raise not_found("comment")
        return found[comment_id].task_id

    @staticmethod
    async def _for_change(work: Work, caller: Caller, task_id: UUID, comment_id: UUID) -> tuple[Task, Comment]:
        comment = (await work.comments.find([comment_id])).get(comment_id)
        if comment is None:
            raise not_found("comment")
        return await for_change(work, caller, task_id, Permission.COMMENT_ADD), comment

    def _change(self, caller: Caller, task: Task, comment: Comment) -> CommentChange:
        return CommentChange(
            event_id=self.new_id(), comment=comment, task=task, actor_id=caller.user_id, kind=CommentEvent.UPDATED
        )

    async def _save(self, work: Work, caller: Caller, task: Task, before: Comment, after: Comment) -> Comment:
        if after is not before:
            await work.comments.save(self._change(caller, task, after))
        return after

    async def find(self, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Comment]:
        """Those of the comments that the caller may see."""
        found = await self._find(viewer.caller, ids)
        if len(found) < len(ids) and await viewer.widen():
            found = await self._find(viewer.caller, ids)
        return found

    async def _find(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Comment]:
        async with self.store.read(caller) as work:
            return await work.comments.find(ids)

    async def of_tasks(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        """The comments of each task, oldest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.comments.of_tasks(ids, window)

    async def threads(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        """Where the threads of each task begin, oldest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.comments.threads(ids, window)

    async def replies(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        """The answers in each thread, oldest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.comments.replies(ids, window)


async def mentioned(work: Work, task: Task, body: str) -> list[UUID]:
    """Whom the text mentions of those who see the task; anybody else is only text."""
    mentions = mentions_in(body)
    by_email = await work.profiles.with_emails(mentions.emails) if mentions.emails else {}
    named = mentions.ids.union(by_email.values())
    if not named:
        return []
    members = await work.memberships.members(task.workspace_id, named)
    project = (await work.projects.find([task.project.id]))[task.project.id]
    return [user_id for user_id in members if may_see(project, user_id)]


def reacted(comment: Comment, emoji: str, user_id: UUID, *, adding: bool) -> tuple[Reaction, ...]:
    """The reactions after somebody added theirs or took it away."""
    by_emoji = {one.emoji: one.user_ids for one in comment.reactions}
    others = tuple(one for one in by_emoji.get(emoji, ()) if one != user_id)
    by_emoji[emoji] = (*others, user_id) if adding else others
    return tuple(Reaction(emoji=sign, user_ids=users) for sign, users in by_emoji.items() if users)
