"""The fakes keep what the ports promise."""

from __future__ import annotations

import pytest

from tests.testkit.notification.fakes import Stores, memory_stores
from tests.testkit.notification.suites import (
    DeliverySuite,
    DigestSuite,
    InboxSuite,
    LedgerSuite,
    PreferenceSuite,
    SubscriptionSuite,
)


@pytest.fixture
def stores() -> Stores:
    return memory_stores()


class TestMemoryLedger(LedgerSuite):
    pass


class TestMemoryInboxes(InboxSuite):
    pass


class TestMemoryDeliveries(DeliverySuite):
    pass


class TestMemoryPreferences(PreferenceSuite):
    pass


class TestMemoryDigests(DigestSuite):
    pass


class TestMemorySubscriptions(SubscriptionSuite):
    pass
