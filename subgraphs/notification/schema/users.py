"""What this subgraph adds to a user: the inbox, for the eyes of its owner alone."""

from __future__ import annotations

from typing import Self

import strawberry
from strawberry import Info

from kit.errors import invalid
from kit.graphql import Connection, connection, decode_cursor, encode_cursor, page_request
from kit.ids import parse_id
from subgraphs.notification.domain.notifications import Entry, Filter, Place, search_words
from subgraphs.notification.errors import inbox_not_found
from subgraphs.notification.schema.context import Context
from subgraphs.notification.schema.notifications import Notification
from subgraphs.notification.schema.preferences import NotificationPreferences, category_named, find_preferences
from subgraphs.notification.schema.push import WebPushSubscription
from subgraphs.notification.service.notifications import count_unread, list_notifications
from subgraphs.notification.service.subscriptions import subscriptions_of

_LIST = "inbox"
_LONGEST_SEARCH = 200


strawberry.enum(
    Place, name="NotificationPlace", description="Where a notification stands: to be seen, put away, or put off."
)


@strawberry.input(description="All that is given must hold.")
class NotificationFilter:
    place: Place = Place.INBOX
    unread: bool = False
    categories: list[str] | None = None
    project_id: strawberry.ID | None = None
    search: str | None = strawberry.field(
        default=None,
        description="Whole words of the title or the body, all of them; `ENG-42` finds what is about that task.",
    )


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
        filter: NotificationFilter | None = None,  # noqa: A002
    ) -> Connection[Notification] | None:
        self._only_for_its_owner(info)
        page = page_request(first, after)
        before = int(decode_cursor(_LIST, page.after, int)[0]) if page.after is not None else None
        shown = _shown(filter or NotificationFilter(), unread_only)
        entries = (
            await list_notifications(
                info.context.viewer, shown, info.context.inboxes, limit=page.first + 1, before=before
            )
            if shown is not None
            else ()
        )
        return connection(
            entries[: page.first],
            node=Notification.of,
            cursor=_cursor,
            has_more=len(entries) > page.first,
            after=page.after,
        )

    @strawberry.field(description="What the viewer wants to be told, and how; NOT_FOUND for anybody else.")
    async def notification_preferences(self, info: Info[Context, None]) -> NotificationPreferences | None:
        self._only_for_its_owner(info)
        return await find_preferences(info)

    @strawberry.field(description="The devices on which the viewer is told; NOT_FOUND for anybody else.")
    async def web_push_subscriptions(self, info: Info[Context, None]) -> list[WebPushSubscription] | None:
        self._only_for_its_owner(info)
        devices = await subscriptions_of(info.context.viewer, info.context.devices)
        return [WebPushSubscription.of(device) for device in devices]

    def _only_for_its_owner(self, info: Info[Context, None]) -> None:
        if parse_id(self.id) != info.context.viewer:
            raise inbox_not_found()


def _cursor(entry: Entry) -> str:
    return encode_cursor(_LIST, entry.seq)


def _shown(given: NotificationFilter, unread_only: bool) -> Filter | None:
    """None when nothing can be found. Raises `DomainError` of kind invalid for a category or an id that is none."""
    words: tuple[str, ...] = ()
    if given.search is not None and given.search.strip():
        if len(given.search) > _LONGEST_SEARCH:
            raise invalid(f"`search` is longer than {_LONGEST_SEARCH} characters.", search=len(given.search))
        words = search_words(given.search)
        if not words:
            return None
    project_id = parse_id(given.project_id) if given.project_id is not None else None
    if given.project_id is not None and project_id is None:
        raise invalid("`projectId` is no id.", projectId=given.project_id[:80])
    return Filter(
        place=given.place,
        unread=unread_only or given.unread,
        categories=frozenset(category_named(name) for name in given.categories or ()),
        project_id=project_id,
        words=words,
    )
