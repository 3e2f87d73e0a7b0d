"""Collection `commenters`: who spoke under a task."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from beanie import Document

from subgraphs.notification.service.ports import Comment
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.transactions import Session


class CommentersDocument(Document):
    """The people who take part in the discussion of one task."""

    id: UUID  # type: ignore[assignment]  # the task's id
    user_ids: list[UUID]

    class Settings:
        name = "commenters"


class MongoCommenters:
    """`service.ports.Commenters`."""

    async def of(self, task_id: UUID) -> Sequence[UUID]:
        with reachable():
            document = await CommentersDocument.get(task_id)
        return document.user_ids if document is not None else ()


async def add_commenter(comment: Comment, session: Session) -> None:
    """Counts the author among them, as a part of a transaction."""
    await CommentersDocument.get_pymongo_collection().update_one(
        {"_id": comment.task_id}, {"$addToSet": {"user_ids": comment.author_id}}, upsert=True, session=session
    )
