"""The protocols that the use cases need. Adapters and the tests' fakes pass the same suites."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from subgraphs.notification.domain.deliveries import Claim, Course, Delivery, Letter, Push
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notices import AccountLink, Alert, Invitation, Notice
from subgraphs.notification.domain.notifications import Entry, Filter, Inbox, Notification
from subgraphs.notification.domain.preferences import Preferences
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.domain.subscriptions import Subscription

DeliveryT = TypeVar("DeliveryT", Delivery, Push)
DeliveryT_contra = TypeVar("DeliveryT_contra", Delivery, Push, contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The event that asks for an effect."""

    event_id: UUID
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A comment names these people, and need not tell them of it again."""

    comment_id: UUID
    user_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """All that one event changes here. It becomes true as a whole or not at all."""

    notifications: tuple[Notification, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    pushes: tuple[Push, ...] = ()
    profile: Profile | None = None
    membership: Membership | None = None
    mention: Mention | None = None


class Ledger(Protocol):
    """The one place where events take effect."""

    async def apply(self, cause: Cause, effect: Effect) -> bool:
        """Commits the effect with the record of its event; False, and no effect, when the event was applied before.

        A snapshot that is not newer than the stored one changes nothing, and its event counts as applied. Each new
        notification gets the next number of its inbox, raises the unread count and leaves a pending event behind.
        """
        ...


class Inboxes(Protocol):
    """Reads and marks; always within the inbox of one user."""

    async def inbox(self, user_id: UUID) -> Inbox: ...

    async def find(self, user_id: UUID, notification_ids: Collection[UUID]) -> Mapping[UUID, Entry]: ...

    async def page(self, user_id: UUID, shown: Filter, *, limit: int, before: int | None) -> Sequence[Entry]:
        """Newest first, beginning below the number `before`."""
        ...

    async def mark_read(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        """None when this inbox has no such notification. What is read stays read at the time it was first read."""
        ...

    async def mark_all_read(self, user_id: UUID, at: datetime) -> tuple[int, Inbox]:
        """How many it marked, and the inbox afterwards."""
        ...

    async def archive(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        """Reads it and puts it away. This and the rest: None when this inbox has no such notification."""
        ...

    async def snooze(
        self, user_id: UUID, notification_id: UUID, until: datetime, at: datetime
    ) -> tuple[Entry, Inbox] | None:
        """Reads it and puts it off."""
        ...

    async def bring_back(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        """What was put away stands where it stood; what was put off is new again, with an event that says so."""
        ...

    async def due_back(self, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        """User and notification of what was put off until now at the latest, the longest due first."""
        ...

    async def next_due_back(self) -> datetime | None: ...


class PreferenceStore(Protocol):
    """What people have set."""

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Preferences]:
        """Who has set nothing is left out."""
        ...

    async def change(self, user_id: UUID, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Stores what `change` makes of the current ones; it may be called again when somebody else was faster."""
        ...


class Profiles(Protocol):
    """Snapshots of people."""

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Profile]: ...

    async def keep(self, profile: Profile) -> None:
        """Stores it unless a newer one is there."""
        ...


class Memberships(Protocol):
    """Snapshots of who belongs where."""

    async def find(self, workspace_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, Membership]: ...

    async def keep(self, membership: Membership) -> None:
        """Stores it unless a newer one is there."""
        ...


class Mentions(Protocol):
    """Whom comments have named so far."""

    async def of(self, comment_id: UUID) -> Collection[UUID]: ...


class Directory(Protocol):
    """The owner of people and workspaces. Raises a `DomainError` of kind unavailable or timeout when it cannot say."""

    async def profile(self, user_id: UUID) -> Profile | None: ...

    async def membership(self, workspace_id: UUID, user_id: UUID) -> Membership | None:
        """None when there is no such workspace."""
        ...


class Letters(Protocol):
    """Turns what happened into the words of a mail."""

    def alert(self, alert: Alert, title: str, reader: Profile) -> Letter: ...

    def digest(self, entries: Sequence[Entry], unread: int, reader: Profile) -> Letter: ...

    def account(self, link: AccountLink) -> Letter: ...

    def notice(self, notice: Notice, reader: Profile) -> Letter: ...

    def invitation(self, invitation: Invitation) -> Letter: ...


class Deliveries(Protocol[DeliveryT]):
    """What is on its way. A claim ends by itself after its lease, so a sender that dies loses nothing."""

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim[DeliveryT]]:
        """Takes due deliveries, the longest waiting first; no two claimers get the same one within a lease."""
        ...

    async def next_due(self) -> datetime | None:
        """When there will be something to claim: the next schedule or the end of a lease."""
        ...

    async def mark_sent(self, claim: Claim[DeliveryT], at: datetime) -> None:
        """Ends the delivery and forgets its content. This and the rest do nothing once the claim is no longer held."""
        ...

    async def put_off(self, claim: Claim[DeliveryT], at: datetime, until: datetime, reason: str) -> None: ...

    async def refuse(self, claim: Claim[DeliveryT], at: datetime, reason: str) -> None: ...

    async def release(self, claims: Collection[Claim[DeliveryT]], due: datetime) -> None:
        """Gives back what was not tried; it does not count as an attempt."""
        ...


class Courses(Protocol):
    """How the deliveries of notifications have gone."""

    async def of(self, user_id: UUID, notification_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Course]]: ...


class Digests(Protocol):
    """Who is to get a digest, and when."""

    async def due(self, now: datetime, limit: int) -> Sequence[Preferences]:
        """The longest due first."""
        ...

    async def next_due(self) -> datetime | None: ...

    async def make(self, before: Preferences, after: Preferences, mail: Delivery | None) -> bool:
        """Queues the mail and stores what follows, as one commit; False, and nothing, when somebody else was faster."""
        ...


class Subscriptions(Protocol):
    """The devices that people want to be told on."""

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Subscription]]:
        """The newest first; who has none is left out."""
        ...

    async def get(self, subscription_id: UUID) -> Subscription | None: ...

    async def keep(self, subscription: Subscription) -> None:
        """Stores it, whoever had this endpoint before."""
        ...

    async def drop(self, subscription_id: UUID, user_id: UUID) -> bool:
        """False when this user has no such subscription."""
        ...


class DeliveryRefused(Exception):
    """The provider said for good that there is nobody to take this."""


class DeliveryDeferred(Exception):
    """The provider does not take this now; another one it may. `wait` is how long it asked for."""

    def __init__(self, reason: str, wait: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.wait = wait


class ProviderDown(Exception):
    """Nothing can be sent now."""


class Counter(Protocol[DeliveryT_contra]):
    """An open connection to a provider."""

    async def hand_over(self, delivery: DeliveryT_contra) -> None:
        """Returns when the provider has taken responsibility.

        Raises:
            DeliveryRefused, DeliveryDeferred: about this delivery.
            ProviderDown: about all of them; whether this one was taken is unknown.
        """
        ...


class Provider(Protocol[DeliveryT_contra]):
    """A mail server, or the push services."""

    def open(self) -> AbstractAsyncContextManager[Counter[DeliveryT_contra]]:
        """Raises `ProviderDown` on entry, before anything is tried."""
        ...
