"""Collection `mentions`: whom a comment has named so far, so that an edit tells only those who are new in it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from beanie import Document

from subgraphs.notification.service.ports import Mention
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.transactions import Session


class MentionsDocument(Document):
    """The people whom one comment names or has named."""

    id: UUID  # type: ignore[assignment]  # the comment's id
    user_ids: list[UUID]

    class Settings:
        name = "mentions"


class MongoMentions:
    """`service.ports.Mentions`."""

    async def of(self, comment_id: UUID) -> Collection[UUID]:
        with reachable():
            document = await MentionsDocument.get(comment_id)
        return document.user_ids if document is not None else ()


async def add_mention(mention: Mention, session: Session) -> None:
    """Counts them among the named, as a part of a transaction."""
    await MentionsDocument.get_pymongo_collection().update_one(
        {"_id": mention.comment_id},
        {"$addToSet": {"user_ids": {"$each": list(mention.user_ids)}}},
        upsert=True,
        session=session,
    )
