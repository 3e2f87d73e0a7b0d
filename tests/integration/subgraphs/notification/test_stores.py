"""MongoDB keeps what the ports promise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kit.clock import SystemClock
from subgraphs.notification.service.ports import Effect
from subgraphs.notification.store.deliveries import MongoCourses, mails
from subgraphs.notification.store.documents import prepare
from subgraphs.notification.store.inboxes import MongoInboxes
from subgraphs.notification.store.ledger import MongoLedger
from subgraphs.notification.store.memberships import MongoMemberships
from subgraphs.notification.store.mentions import MongoMentions
from subgraphs.notification.store.mongo import connected
from subgraphs.notification.store.preferences import MongoDigests, MongoPreferences
from subgraphs.notification.store.profiles import MongoProfiles
from subgraphs.notification.store.pushes import MongoSubscriptions, pushes
from subgraphs.notification.store.transactions import transactions
from tests.testkit.notification.fakes import Stores
from tests.testkit.notification.suites import (
    DeliverySuite,
    DigestSuite,
    InboxSuite,
    LedgerSuite,
    PreferenceSuite,
    SubscriptionSuite,
)


async def _nobody_listens(_: Effect) -> None:
    return None


async def _nobody_waits(_: UUID) -> None:
    return None


@pytest.fixture
async def stores(mongo_url: str, mongo_database: str) -> AsyncIterator[Stores]:
    async with connected(mongo_url) as client:
        await prepare(client, mongo_database)
        async with transactions(client, database=mongo_database) as sessions:
            yield Stores(
                ledger=MongoLedger(sessions, SystemClock(), _nobody_listens),
                inboxes=MongoInboxes(sessions, _nobody_waits),
                profiles=MongoProfiles(sessions),
                memberships=MongoMemberships(sessions),
                mentions=MongoMentions(),
                deliveries=mails(),
                pushes=pushes(),
                courses=MongoCourses(),
                preferences=MongoPreferences(),
                digests=MongoDigests(sessions),
                subscriptions=MongoSubscriptions(),
            )


class TestMongoLedger(LedgerSuite):
    pass


class TestMongoInboxes(InboxSuite):
    pass


class TestMongoDeliveries(DeliverySuite):
    pass


class TestMongoPreferences(PreferenceSuite):
    pass


class TestMongoDigests(DigestSuite):
    pass


class TestMongoSubscriptions(SubscriptionSuite):
    pass
