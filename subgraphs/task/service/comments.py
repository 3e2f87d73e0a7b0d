"""Use cases of comments. Invariant: a comment and its event are written together, and its task keeps its version."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.comments import Comment, CommentAdded, CommentDraft, new_comment
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import ensure_open
from subgraphs.task.errors import not_found
from subgraphs.task.service.idempotency import AlreadyDone, key_use
from subgraphs.task.service.memberships import Viewer, require
from subgraphs.task.service.ports import KeyUse, Page, Store, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What can be done with comments."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def add(self, viewer: Viewer, draft: CommentDraft, *, key: str | None = None) -> Comment:
        """A new comment, once per idempotency key.

        Raises:
            DomainError: NOT_FOUND task, FORBIDDEN, TASK_DELETED, invalid, IDEMPOTENCY_MISMATCH.
        """
        use = key_use(f"user:{viewer.caller.user_id}", "commentAdd", key, draft)
        try:
            return await viewer.attempt(lambda caller: self._add(caller, draft, use))
        except AlreadyDone as done:
            return (await self.find(viewer, [done.entity_id]))[done.entity_id]

    async def _add(self, caller: Caller, draft: CommentDraft, use: KeyUse | None) -> Comment:
        now = self.clock.now()
        async with self.store.write(caller, lock_task=draft.task_id) as work:
            task = (await work.tasks.find([draft.task_id])).get(draft.task_id)
            if task is None:
                raise not_found("task")
            require(caller, Permission.COMMENT_ADD, task.workspace_id)
            ensure_open(task.project)
            comment_id = self.new_id()
            if use:
                earlier = await work.keys.claim(use, workspace_id=task.workspace_id, entity_id=comment_id, now=now)
                if earlier:
                    raise AlreadyDone(earlier)
            comment = new_comment(task, draft.body, comment_id=comment_id, author_id=caller.user_id, now=now)
            await work.comments.add(
                CommentAdded(event_id=self.new_id(), comment=comment, task=task, actor_id=caller.user_id)
            )
        return comment

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
