"""What this subgraph adds to a user: the inbox, for the eyes of its owner alone."""

from __future__ import annotations

from typing import Self

import strawberry
from strawberry import Info

from kit.graphql import Connection, connection, decode_cursor, encode_cursor, page_request
from kit.ids import parse_id
from subgraphs.notification.domain.notifications import Entry
from subgraphs.notification.errors import inbox_not_found
from subgraphs.notification.schema.context import Context
from subgraphs.notification.schema.notifications import Notification
from subgraphs.notification.service.notifications import count_unread, list_notifications

_LIST = "inbox"


@strawberry.federation.type(keys=["id"])
class User:
    id: strawberry.ID

    @classmethod
    async def resolve_reference(cls, id: strawberry.ID) -> Self:  # noqa: A002
        return cls(id=id)

    @strawberry.field(description="How many notifications the viewer has not read; NOT_FOUND for anybody else.")
    async def unread_count(self, info: Info[Context, None]) -> int | None:
        self._only_for_its_owner(info)
        return await count_unread(info.context.viewer, info.context.inboxes)

    @strawberry.field(description="The viewer's inbox, the newest first; NOT_FOUND for anybody else.")
    async def notifications(
        self,
        info: Info[Context, None],
        first: int | None = None,
        after: str | None = None,
        unread_only: bool = False,
    ) -> Connection[Notification] | None:
        self._only_for_its_owner(info)
        page = page_request(first, after)
        before = int(decode_cursor(_LIST, page.after, int)[0]) if page.after is not None else None
        entries = await list_notifications(
            info.context.viewer, info.context.inboxes, limit=page.first + 1, before=before, unread_only=unread_only
        )
        return connection(
            entries[: page.first],
            node=Notification.of,
            cursor=_cursor,
            has_more=len(entries) > page.first,
            after=page.after,
        )

    def _only_for_its_owner(self, info: Info[Context, None]) -> None:
        if parse_id(self.id) != info.context.viewer:
            raise inbox_not_found()


def _cursor(entry: Entry) -> str:
    return encode_cursor(_LIST, entry.seq)
