"""What the resolvers of one operation share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from strawberry.dataloader import DataLoader

from kit.clock import Clock
from kit.errors import DomainError
from kit.identity import Caller
from subgraphs.notification.domain.deliveries import Course
from subgraphs.notification.domain.notifications import Entry
from subgraphs.notification.service.notifications import find_notifications
from subgraphs.notification.service.ports import Courses, Inboxes
from subgraphs.notification.service.preferences import Desk
from subgraphs.notification.service.subscriptions import Devices
from subgraphs.notification.service.unsubscribing import UnsubscribeTokens


@dataclass(slots=True)
class Context:
    """Made anew for each operation, so that what is loaded belongs to one viewer and one moment."""

    caller: Caller
    inboxes: Inboxes
    desk: Desk
    devices: Devices
    deliveries: Courses
    tokens: UnsubscribeTokens
    snoozed: Callable[[], None]
    entries: DataLoader[UUID, Entry | None] = field(init=False)

    courses: DataLoader[UUID, Sequence[Course]] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = DataLoader(load_fn=self._load_entries)
        self.courses = DataLoader(load_fn=self._load_courses)

    @property
    def clock(self) -> Clock:
        return self.desk.clock

    @property
    def viewer(self) -> UUID:
        """The person who asks. Raises `DomainError` UNAUTHENTICATED when a service asks for itself."""
        if self.caller.actor is None:
            raise DomainError.of("UNAUTHENTICATED", "Nobody is logged in.")
        return self.caller.actor.user_id

    async def _load_entries(self, ids: list[UUID]) -> list[Entry | None]:
        found = await find_notifications(self.viewer, ids, self.inboxes)
        return [found.get(id_) for id_ in ids]

    async def _load_courses(self, ids: list[UUID]) -> list[Sequence[Course]]:
        found = await self.deliveries.of(self.viewer, ids)
        return [found.get(id_, ()) for id_ in ids]
