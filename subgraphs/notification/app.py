"""Wires the process: everything is opened here, once, and handed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.types import ASGIApp

from kit.clock import Clock, MillisecondClock, SystemClock
from kit.graphql import subgraph_app
from kit.identity import Caller, InternalTokens, InternalVerifier
from kit.kafka import Consumer, Publisher, Relay, WakeUp, publisher
from kit.lifecycle import Process, Service
from kit.resilience import CircuitBreaker
from kit.rpc import ChannelOptions, channel
from proto.events import NotificationCreated
from subgraphs.notification.events.consumed import GROUP, Subscriptions
from subgraphs.notification.events.published import notification_created
from subgraphs.notification.mail.letters import TemplateLetters
from subgraphs.notification.mail.smtp import SmtpMailer
from subgraphs.notification.push.services import PushServices
from subgraphs.notification.push.vapid import Vapid
from subgraphs.notification.rpc.directory import REPEATABLE, AuthDirectory
from subgraphs.notification.schema.context import Context
from subgraphs.notification.schema.root import schema
from subgraphs.notification.service.deliveries import Courier, Sender
from subgraphs.notification.service.digests import DigestMaking
from subgraphs.notification.service.links import Links
from subgraphs.notification.service.notices import Announcer
from subgraphs.notification.service.ports import Effect
from subgraphs.notification.service.preferences import Desk
from subgraphs.notification.service.recent import RecentMemberships, RecentPreferences, RecentProfiles
from subgraphs.notification.service.schedule import Schedule, Waking
from subgraphs.notification.service.subscriptions import Devices
from subgraphs.notification.service.unsubscribing import UnsubscribeTokens
from subgraphs.notification.settings import NotificationSettings
from subgraphs.notification.store.deliveries import MongoCourses, mails
from subgraphs.notification.store.documents import prepare
from subgraphs.notification.store.inboxes import MongoInboxes
from subgraphs.notification.store.ledger import MongoLedger
from subgraphs.notification.store.memberships import MongoMemberships
from subgraphs.notification.store.mentions import MongoMentions
from subgraphs.notification.store.mongo import Client, connected
from subgraphs.notification.store.outbox import MongoPendingNotifications
from subgraphs.notification.store.preferences import MongoDigests, MongoPreferences
from subgraphs.notification.store.profiles import MongoProfiles
from subgraphs.notification.store.pushes import MongoSubscriptions, pushes
from subgraphs.notification.store.transactions import Transactions, transactions

NAME = "notification"

_IDLE = timedelta(seconds=10)
_FIRST_PAUSE = timedelta(milliseconds=500)
_LONGEST_PAUSE = timedelta(seconds=5)
_LONGEST_SLEEP = timedelta(seconds=15)
"""How late something due may be noticed when the process that knew of it is gone."""


def service(settings: NotificationSettings) -> Service:
    """The notification process, ready to be run."""

    async def start(process: Process) -> None:
        client = await process.enter("MongoDB", lambda: _database(settings.mongo_url))
        process.health.add("MongoDB", lambda: client.admin.command("ping"), required=True)
        sessions = await process.enter("transactions", lambda: transactions(client))
        await process.spawn("orphans", sessions.keep)
        tokens = InternalTokens(settings.internal_signing_key, NAME)
        auth = await process.enter(
            "auth", lambda: channel("auth", settings.auth_grpc, tokens, ChannelOptions(repeatable=REPEATABLE))
        )
        parts = _Parts(settings, sessions, AuthDirectory(auth))
        schedule = _schedule(parts)
        process.mount(_graphql(settings, parts, schedule))
        kafka = await process.enter(
            "Kafka", lambda: publisher(settings.kafka_bootstrap, [NotificationCreated.TOPIC], NAME)
        )
        await process.enter("mail", lambda: _at_work(parts.mail))
        if parts.push is not None:
            push = parts.push
            await process.enter("push", lambda: _at_work(push))
        await process.spawn("relay", _relay(client, kafka, parts.wake_up).run)
        await process.spawn("schedule", schedule.run)
        await process.spawn("consumer", _consumer(settings, parts, kafka).run)

    return Service(NAME, settings, start)


class _Parts:
    """What the faces of this process (events, graph, clock) share."""

    def __init__(self, settings: NotificationSettings, sessions: Transactions, directory: AuthDirectory) -> None:
        self.sessions = sessions
        self.directory = directory
        self.clock = MillisecondClock()
        self.wake_up = WakeUp()
        self.inboxes = MongoInboxes(sessions, self.wake_up.committed)
        self.profiles = RecentProfiles(MongoProfiles(sessions))
        self.memberships = RecentMemberships(MongoMemberships(sessions))
        self.preferences = RecentPreferences(MongoPreferences())
        self.digests = MongoDigests(sessions)
        self.subscriptions = MongoSubscriptions()
        self.links = Links(settings.public_url)
        self.tokens = UnsubscribeTokens(settings.unsubscribe_secret or settings.internal_signing_key)
        self.letters = TemplateLetters(self.links, self.tokens)
        key = settings.vapid_private_key
        self.vapid = Vapid(key, settings.vapid_contact) if key is not None else None
        self.mail = _mail(settings, self.clock)
        self.push = _push(settings, self.subscriptions, self.vapid, self.clock) if self.vapid is not None else None

    async def committed(self, effect: Effect) -> None:
        """Tells whoever carries on with an effect that there is one."""
        if effect.deliveries:
            self.mail.ring()
        if effect.pushes and self.push is not None:
            self.push.ring()
        if effect.notifications:
            await self.wake_up.committed(*(notification.user_id for notification in effect.notifications))


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Client]:
    async with connected(url) as client:
        await prepare(client)
        yield client


@asynccontextmanager
async def _at_work(courier: Courier) -> AsyncIterator[None]:
    """On the way out the mail that is being sent is finished and noted."""
    working = asyncio.create_task(courier.run(), name="courier")
    try:
        yield
    finally:
        courier.stop()
        await working


def _mail(settings: NotificationSettings, clock: Clock) -> Courier:
    breaker = CircuitBreaker("smtp")
    server = SmtpMailer(settings.smtp_url, settings.mail_from, breaker)
    senders = [
        Sender(kind="mail", deliveries=mails(), provider=server, clock=clock) for _ in range(settings.mail_senders)
    ]
    return Courier(senders, idle=_IDLE, first_pause=_FIRST_PAUSE, longest=_LONGEST_PAUSE)


def _push(settings: NotificationSettings, devices: MongoSubscriptions, vapid: Vapid, clock: Clock) -> Courier:
    services = PushServices(devices, vapid, clock, plain=settings.push_allow_private)
    senders = [
        Sender(kind="push", deliveries=pushes(), provider=services, clock=clock) for _ in range(settings.push_senders)
    ]
    return Courier(senders, idle=_IDLE, first_pause=_FIRST_PAUSE, longest=_LONGEST_PAUSE)


def _schedule(parts: _Parts) -> Schedule:
    digests = DigestMaking(
        digests=parts.digests,
        inboxes=parts.inboxes,
        profiles=parts.profiles,
        directory=parts.directory,
        letters=parts.letters,
        queued=parts.mail.ring,
    )
    return Schedule([Waking(parts.inboxes), digests], parts.clock, _LONGEST_SLEEP.total_seconds())


def _relay(client: Client, kafka: Publisher, wake_up: WakeUp) -> Relay:
    return Relay(NAME, MongoPendingNotifications(client, notification_created, SystemClock()), kafka, wake_up)


def _consumer(settings: NotificationSettings, parts: _Parts, kafka: Publisher) -> Consumer:
    ledger = MongoLedger(parts.sessions, parts.clock, parts.committed)
    announcer = Announcer(
        ledger=ledger,
        profiles=parts.profiles,
        memberships=parts.memberships,
        mentions=MongoMentions(),
        directory=parts.directory,
        letters=parts.letters,
        preferences=parts.preferences,
        subscriptions=parts.subscriptions,
        links=parts.links,
        clock=parts.clock,
    )
    return Consumer(settings.kafka_bootstrap, GROUP, Subscriptions(announcer, ledger).handlers(), kafka)


def _graphql(settings: NotificationSettings, parts: _Parts, schedule: Schedule) -> ASGIApp:
    desk = Desk(
        preferences=parts.preferences,
        profiles=parts.profiles,
        directory=parts.directory,
        clock=parts.clock,
        changed=lambda _: schedule.ring(),
    )
    devices = Devices(
        subscriptions=parts.subscriptions,
        clock=parts.clock,
        public_key=parts.vapid.public_key if parts.vapid is not None else None,
        plain=settings.push_allow_private,
    )
    courses = MongoCourses()

    def context(caller: Caller) -> Context:
        return Context(caller, parts.inboxes, desk, devices, courses, parts.tokens, schedule.ring)

    return subgraph_app(schema, InternalVerifier(settings.internal_trusted_keys, NAME), context=context)
