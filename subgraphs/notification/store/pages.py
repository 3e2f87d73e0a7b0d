"""Finds a page of an inbox. It looks through windows of numbers, each wider than the last, so that the cost of a page
does not grow with the inbox; within a window it reads along one index, by whichever condition leaves the least, and
checks the others on what it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from heapq import merge
from typing import Any

from subgraphs.notification.domain.notifications import Filter, Inbox
from subgraphs.notification.store.notifications import NotificationDocument

_WIDEST_WINDOW = 8192
_WIDENING = 8
_MANY = 200


async def page_of(inbox: Inbox, shown: Filter, limit: int, before: int | None) -> Sequence[NotificationDocument]:
    """The newest that fit, beginning below the number `before`."""
    top = inbox.last_seq + 1 if before is None else min(before, inbox.last_seq + 1)
    floor = inbox.read_through if shown.unread else 0
    along = queries(inbox, shown) if len(shown.words) < 2 else [await _rarest(inbox, shown)]
    found: list[NotificationDocument] = []
    width = limit
    while len(found) < limit and top > floor + 1:
        bottom = max(floor + 1, top - width)
        window = {"seq": {"$gte": bottom, "$lt": top}}
        runs = [await _run(query | window, inbox, shown, limit - len(found)) for query in along]
        found += list(merge(*runs, key=lambda document: -document.seq))[: limit - len(found)]
        top, width = bottom, min(width * _WIDENING, _WIDEST_WINDOW)
    return found


def queries(inbox: Inbox, shown: Filter) -> list[dict[str, Any]]:
    """Queries that together find whatever fits, and more. Each holds one inbox to equalities that an index begins with,
    so that no planner has a choice to make.
    """
    within: dict[str, Any] = {"user_id": inbox.user_id, "place": shown.place.value}
    if shown.words:
        return [within | {"words": shown.words[0]}]
    if shown.project_id is not None:
        return [within | {"project_id": shown.project_id}]
    if shown.unread:
        return [within | {"read": False}]
    return [within | {"category": category.value} for category in sorted(shown.categories)] or [within]


async def _rarest(inbox: Inbox, shown: Filter) -> dict[str, Any]:
    """The query by the word that few have; among words that many have, any will do."""
    collection = NotificationDocument.get_pymongo_collection()
    counted = []
    for word in shown.words:
        [query] = queries(inbox, replace(shown, words=(word,)))
        few = await collection.find(query, {"_id": 1}).limit(_MANY).to_list()
        counted.append((len(few), word, query))
    return min(counted, key=lambda one: one[:2])[2]


async def _run(query: dict[str, Any], inbox: Inbox, shown: Filter, limit: int) -> list[NotificationDocument]:
    found: list[NotificationDocument] = []
    async for document in NotificationDocument.find(query).sort("-seq"):
        if _fits(document, inbox, shown):
            found.append(document)
            if len(found) == limit:
                break
    return found


def _fits(document: NotificationDocument, inbox: Inbox, shown: Filter) -> bool:
    return (
        not (shown.unread and inbox.read_at(document.seq, document.read_at) is not None)
        and (not shown.categories or document.category in shown.categories)
        and shown.project_id in (None, document.project_id)
        and all(word in document.words for word in shown.words)
    )
