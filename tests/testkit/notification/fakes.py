"""Owns ports of the notification subgraph kept in memory: for tests of rules, never for a running process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic
from uuid import UUID

from kit.ids import new_id
from subgraphs.notification.domain.deliveries import (
    Attempt,
    Claim,
    Course,
    Delivery,
    Letter,
    Push,
    Status,
)
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notices import AccountLink, Alert, Invitation, Notice
from subgraphs.notification.domain.notifications import Entry, Filter, Inbox, Notification, Place, search_words
from subgraphs.notification.domain.preferences import Channel, Preferences
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.domain.subscriptions import Subscription
from subgraphs.notification.service.ports import (
    Cause,
    Counter,
    Courses,
    Deliveries,
    DeliveryT,
    Digests,
    Effect,
    Inboxes,
    Ledger,
    Memberships,
    Mentions,
    PreferenceStore,
    Profiles,
    ProviderDown,
    Subscriptions,
)


@dataclass(kw_only=True)
class Stores:
    """The ports that one database fills."""

    ledger: Ledger
    inboxes: Inboxes
    profiles: Profiles
    memberships: Memberships
    mentions: Mentions
    deliveries: Deliveries[Delivery]
    pushes: Deliveries[Push]
    courses: Courses
    preferences: PreferenceStore
    digests: Digests
    subscriptions: Subscriptions


def memory_stores() -> Stores:
    profiles, memberships, mentions = MemoryProfiles(), MemoryMemberships(), MemoryMentions()
    inboxes, preferences = MemoryInboxes(), MemoryPreferences()
    mails: MemoryDeliveries[Delivery] = MemoryDeliveries()
    pushes: MemoryDeliveries[Push] = MemoryDeliveries()
    return Stores(
        ledger=MemoryLedger(inboxes, mails, pushes, profiles, memberships, mentions),
        inboxes=inboxes,
        profiles=profiles,
        memberships=memberships,
        mentions=mentions,
        deliveries=mails,
        pushes=pushes,
        courses=MemoryCourses(mails, pushes),
        preferences=preferences,
        digests=MemoryDigests(preferences, mails),
        subscriptions=MemorySubscriptions(),
    )


@dataclass
class _Row:
    notification: Notification
    seq: int
    read_at: datetime | None = None
    version: int = 1
    place: Place = Place.INBOX
    archived_at: datetime | None = None
    snoozed_until: datetime | None = None


class MemoryInboxes:
    def __init__(self) -> None:
        self._inboxes: dict[UUID, Inbox] = {}
        self._rows: dict[UUID, _Row] = {}

    async def inbox(self, user_id: UUID) -> Inbox:
        return self._inboxes.get(user_id, Inbox(user_id=user_id))

    async def find(self, user_id: UUID, notification_ids: Collection[UUID]) -> Mapping[UUID, Entry]:
        mine = {row.notification.id: row for row in self._of(user_id)}
        return {id_: await self._entry(mine[id_]) for id_ in notification_ids if id_ in mine}

    async def page(self, user_id: UUID, shown: Filter, *, limit: int, before: int | None) -> Sequence[Entry]:
        entries = [await self._entry(row) for row in self._of(user_id)]
        wanted = [
            entry
            for entry in sorted(entries, key=lambda entry: -entry.seq)
            if (before is None or entry.seq < before) and _fits(entry, shown)
        ]
        return wanted[:limit]

    async def mark_read(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        row = self._row(user_id, notification_id)
        if row is None:
            return None
        if self._read(row, at):
            row.version += 1
        return await self._entry(row), await self.inbox(user_id)

    async def archive(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        row = self._row(user_id, notification_id)
        if row is None:
            return None
        if row.place is not Place.ARCHIVED:
            self._read(row, at)
            row.place, row.archived_at, row.snoozed_until, row.version = Place.ARCHIVED, at, None, row.version + 1
        return await self._entry(row), await self.inbox(user_id)

    async def snooze(
        self, user_id: UUID, notification_id: UUID, until: datetime, at: datetime
    ) -> tuple[Entry, Inbox] | None:
        row = self._row(user_id, notification_id)
        if row is None:
            return None
        if row.snoozed_until != until:
            self._read(row, at)
            row.place, row.archived_at, row.snoozed_until, row.version = Place.SNOOZED, None, until, row.version + 1
        return await self._entry(row), await self.inbox(user_id)

    async def bring_back(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        row = self._row(user_id, notification_id)
        if row is None:
            return None
        if row.place is Place.SNOOZED:
            inbox = await self.inbox(user_id)
            inbox = self._inboxes[user_id] = replace(inbox, last_seq=inbox.last_seq + 1, unread=inbox.unread + 1)
            row.seq, row.read_at = inbox.last_seq, None
        if row.place is not Place.INBOX:
            row.place, row.archived_at, row.snoozed_until, row.version = Place.INBOX, None, None, row.version + 1
        return await self._entry(row), await self.inbox(user_id)

    async def due_back(self, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        due = [(row.snoozed_until, row.notification) for row in self._rows.values() if row.snoozed_until is not None]
        found = sorted((until, told.user_id, told.id) for until, told in due if until <= now)
        return [(user_id, id_) for _, user_id, id_ in found[:limit]]

    async def next_due_back(self) -> datetime | None:
        return min((row.snoozed_until for row in self._rows.values() if row.snoozed_until is not None), default=None)

    async def mark_all_read(self, user_id: UUID, at: datetime) -> tuple[int, Inbox]:
        inbox = await self.inbox(user_id)
        if inbox.unread:
            self._inboxes[user_id] = replace(inbox, unread=0, read_through=inbox.last_seq, read_through_at=at)
        return inbox.unread, await self.inbox(user_id)

    def add(self, notification: Notification) -> None:
        inbox = self._inboxes.get(notification.user_id, Inbox(user_id=notification.user_id))
        inbox = replace(inbox, last_seq=inbox.last_seq + 1, unread=inbox.unread + 1)
        self._inboxes[notification.user_id] = inbox
        self._rows[notification.id] = _Row(notification, inbox.last_seq)

    def _row(self, user_id: UUID, notification_id: UUID) -> _Row | None:
        row = self._rows.get(notification_id)
        return row if row is not None and row.notification.user_id == user_id else None

    def _read(self, row: _Row, at: datetime) -> bool:
        """Whether it was unread."""
        inbox = self._inboxes[row.notification.user_id]
        if row.read_at is not None or row.seq <= inbox.read_through:
            return False
        row.read_at = at
        self._inboxes[inbox.user_id] = replace(inbox, unread=inbox.unread - 1)
        return True

    def _of(self, user_id: UUID) -> list[_Row]:
        return [row for row in self._rows.values() if row.notification.user_id == user_id]

    async def _entry(self, row: _Row) -> Entry:
        inbox = await self.inbox(row.notification.user_id)
        return Entry(
            notification=row.notification,
            seq=row.seq,
            read_at=inbox.read_at(row.seq, row.read_at),
            version=row.version,
            place=row.place,
            archived_at=row.archived_at,
            snoozed_until=row.snoozed_until,
        )


def _fits(entry: Entry, shown: Filter) -> bool:
    told = entry.notification
    words = search_words(told.title, told.body)
    return (
        entry.place is shown.place
        and not (shown.unread and entry.read_at is not None)
        and (not shown.categories or told.category in shown.categories)
        and shown.project_id in (None, told.project_id)
        and all(word in words for word in shown.words)
    )


class MemoryPreferences:
    def __init__(self) -> None:
        self.kept: dict[UUID, Preferences] = {}

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Preferences]:
        return {user_id: self.kept[user_id] for user_id in user_ids if user_id in self.kept}

    async def change(self, user_id: UUID, change: Callable[[Preferences], Preferences]) -> Preferences:
        before = self.kept.get(user_id, Preferences(user_id=user_id))
        self.kept[user_id] = replace(change(before), version=before.version + 1)
        return self.kept[user_id]


class MemoryProfiles:
    def __init__(self) -> None:
        self._kept: dict[UUID, Profile] = {}

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Profile]:
        return {user_id: self._kept[user_id] for user_id in user_ids if user_id in self._kept}

    async def keep(self, profile: Profile) -> None:
        stored = self._kept.get(profile.user_id)
        if stored is None or stored.version < profile.version:
            self._kept[profile.user_id] = profile


class MemoryMemberships:
    def __init__(self) -> None:
        self._kept: dict[tuple[UUID, UUID], Membership] = {}

    async def find(self, workspace_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, Membership]:
        keys = {user_id: (workspace_id, user_id) for user_id in user_ids}
        return {user_id: self._kept[key] for user_id, key in keys.items() if key in self._kept}

    async def keep(self, membership: Membership) -> None:
        key = (membership.workspace_id, membership.user_id)
        stored = self._kept.get(key)
        if stored is None or stored.version < membership.version:
            self._kept[key] = membership


class MemoryMentions:
    def __init__(self) -> None:
        self.kept: dict[UUID, set[UUID]] = {}

    async def of(self, comment_id: UUID) -> Collection[UUID]:
        return self.kept.get(comment_id, ())


@dataclass
class _Queued(Generic[DeliveryT]):
    delivery: DeliveryT
    due_at: datetime | None
    status: Status = Status.QUEUED
    attempts: int = 0
    token: UUID | None = None
    history: list[Attempt] = field(default_factory=list)


class MemoryDeliveries(Generic[DeliveryT]):
    def __init__(self) -> None:
        self.queue: dict[UUID, _Queued[DeliveryT]] = {}

    def add(self, delivery: DeliveryT) -> None:
        self.queue[delivery.id] = _Queued(delivery, delivery.due_at)

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim[DeliveryT]]:
        due = [queued for queued in self.queue.values() if queued.due_at is not None and queued.due_at <= now]
        token = new_id()
        claims = []
        for queued in sorted(due, key=lambda queued: queued.due_at or now)[:limit]:
            queued.due_at, queued.token, queued.attempts = now + lease, token, queued.attempts + 1
            claims.append(Claim(delivery=queued.delivery, token=token, attempts=queued.attempts, until=queued.due_at))
        return claims

    async def next_due(self) -> datetime | None:
        return min((queued.due_at for queued in self.queue.values() if queued.due_at is not None), default=None)

    async def mark_sent(self, claim: Claim[DeliveryT], at: datetime) -> None:
        self._end(claim, Status.SENT, at, None)

    async def refuse(self, claim: Claim[DeliveryT], at: datetime, reason: str) -> None:
        self._end(claim, Status.REFUSED, at, reason)

    async def put_off(self, claim: Claim[DeliveryT], at: datetime, until: datetime, reason: str) -> None:
        if (held := self._held(claim)) is not None:
            held.due_at, held.token = until, None
            held.history.append(Attempt(at=at, reason=reason))

    async def release(self, claims: Collection[Claim[DeliveryT]], due: datetime) -> None:
        for claim in claims:
            if (held := self._held(claim)) is not None:
                held.due_at, held.token, held.attempts = due, None, held.attempts - 1

    def _end(self, claim: Claim[DeliveryT], status: Status, at: datetime, reason: str | None) -> None:
        if (held := self._held(claim)) is not None:
            held.due_at, held.token, held.status = None, None, status
            held.history.append(Attempt(at=at, reason=reason))

    def _held(self, claim: Claim[DeliveryT]) -> _Queued[DeliveryT] | None:
        queued = self.queue.get(claim.delivery.id)
        return queued if queued is not None and queued.token == claim.token else None


@dataclass
class MemoryCourses:
    mails: MemoryDeliveries[Delivery]
    pushes: MemoryDeliveries[Push]

    async def of(self, user_id: UUID, notification_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Course]]:
        courses: dict[UUID, list[Course]] = {}
        for mail in self.mails.queue.values():
            if mail.delivery.user_id == user_id and mail.delivery.id in notification_ids:
                courses.setdefault(mail.delivery.id, []).append(_course(mail, mail.delivery.id, Channel.EMAIL))
        for push in self.pushes.queue.values():
            about = push.delivery.notification_id
            if push.delivery.user_id == user_id and about in notification_ids:
                courses.setdefault(about, []).append(_course(push, about, Channel.WEB_PUSH))
        return courses


def _course(queued: _Queued[DeliveryT], notification_id: UUID, channel: Channel) -> Course:
    return Course(
        notification_id=notification_id,
        channel=channel,
        status=queued.status,
        attempts=tuple(queued.history),
        due_at=queued.due_at,
        ended_at=queued.history[-1].at if queued.due_at is None else None,
    )


@dataclass
class MemoryDigests:
    preferences: MemoryPreferences
    mails: MemoryDeliveries[Delivery]

    async def due(self, now: datetime, limit: int) -> Sequence[Preferences]:
        due = [(set_.digest_at, set_) for set_ in self.preferences.kept.values() if set_.digest_at is not None]
        return [set_ for at, set_ in sorted(due, key=lambda one: one[0]) if at <= now][:limit]

    async def next_due(self) -> datetime | None:
        return min((set_.digest_at for set_ in self.preferences.kept.values() if set_.digest_at), default=None)

    async def make(self, before: Preferences, after: Preferences, mail: Delivery | None) -> bool:
        if self.preferences.kept.get(before.user_id) != before:
            return False
        self.preferences.kept[before.user_id] = replace(after, version=before.version + 1)
        if mail is not None:
            assert mail.id not in self.mails.queue
            self.mails.add(mail)
        return True


class MemorySubscriptions:
    def __init__(self) -> None:
        self._kept: dict[UUID, Subscription] = {}

    def add(self, subscription: Subscription) -> None:
        self._kept[subscription.id] = subscription

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Subscription]]:
        found: dict[UUID, list[Subscription]] = {}
        for device in sorted(self._kept.values(), key=lambda device: device.created_at, reverse=True):
            if device.user_id in user_ids:
                found.setdefault(device.user_id, []).append(device)
        return found

    async def get(self, subscription_id: UUID) -> Subscription | None:
        return self._kept.get(subscription_id)

    async def keep(self, subscription: Subscription) -> None:
        self.add(subscription)

    async def drop(self, subscription_id: UUID, user_id: UUID) -> bool:
        device = self._kept.get(subscription_id)
        if device is None or device.user_id != user_id:
            return False
        del self._kept[subscription_id]
        return True


@dataclass
class MemoryLedger:
    inboxes: MemoryInboxes
    deliveries: MemoryDeliveries[Delivery]
    pushes: MemoryDeliveries[Push]
    profiles: MemoryProfiles
    memberships: MemoryMemberships
    mentions: MemoryMentions
    applied: set[UUID] = field(default_factory=set)

    async def apply(self, cause: Cause, effect: Effect) -> bool:
        if cause.event_id in self.applied:
            return False
        self.applied.add(cause.event_id)
        if effect.profile is not None:
            await self.profiles.keep(effect.profile)
        if effect.membership is not None:
            await self.memberships.keep(effect.membership)
        if effect.mention is not None:
            self.mentions.kept.setdefault(effect.mention.comment_id, set()).update(effect.mention.user_ids)
        for notification in effect.notifications:
            self.inboxes.add(notification)
        for delivery in effect.deliveries:
            self.deliveries.add(delivery)
        for push in effect.pushes:
            self.pushes.add(push)
        return True


@dataclass
class ScriptedDirectory:
    """Auth as a test wants it: what it knows, what was asked, and an error to answer with instead."""

    people: dict[UUID, Profile] = field(default_factory=dict)
    members: dict[tuple[UUID, UUID], Membership] = field(default_factory=dict)
    asked: list[UUID] = field(default_factory=list)
    failure: Exception | None = None

    async def profile(self, user_id: UUID) -> Profile | None:
        self.asked.append(user_id)
        if self.failure is not None:
            raise self.failure
        return self.people.get(user_id)

    async def membership(self, workspace_id: UUID, user_id: UUID) -> Membership | None:
        self.asked.append(user_id)
        if self.failure is not None:
            raise self.failure
        return self.members.get((workspace_id, user_id))


class PlainLetters:
    """Letters without any template."""

    def alert(self, alert: Alert, title: str, reader: Profile) -> Letter:
        return Letter(subject=title, text=f"{reader.display_name}: {alert.title}", html="<p></p>")

    def account(self, link: AccountLink) -> Letter:
        return Letter(subject=link.purpose.value, text=link.token, html="<p></p>")

    def digest(self, entries: Sequence[Entry], unread: int, reader: Profile) -> Letter:
        return Letter(subject=f"{unread} unread", text=str(len(entries)), html="<p></p>")

    def notice(self, notice: Notice, reader: Profile) -> Letter:
        return Letter(subject=notice.title, text=notice.body, html="<p></p>")

    def invitation(self, invitation: Invitation) -> Letter:
        return Letter(subject=invitation.workspace_name, text=invitation.token, html="<p></p>")


@dataclass
class ScriptedMailer:
    """A mail server as a test wants it. `answers` are taken one by one; None, and then always, is a yes."""

    answers: list[Exception | None] = field(default_factory=list)
    down: bool = False
    sent: list[Delivery] = field(default_factory=list)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Counter[Delivery]]:
        if self.down:
            raise ProviderDown("connection refused")
        yield self

    async def hand_over(self, delivery: Delivery) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.sent.append(delivery)
