"""The fakes keep what the ports promise: the same suites run against MongoDB and Redis in `tests/integration`."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.testkit.auth_memory import (
    HandClock,
    ListedTokens,
    MemoryAttempts,
    MemoryDatabase,
    MemoryLiveSessions,
    PlainHasher,
)
from tests.testkit.auth_ports import AttemptsSuite, DatabaseSuite, HasherSuite, LiveSessionsSuite, TokensSuite


class TestMemoryDatabase(DatabaseSuite):
    @pytest.fixture
    def database(self) -> MemoryDatabase:
        return MemoryDatabase()


class TestMemoryLiveSessions(LiveSessionsSuite):
    @pytest.fixture
    def now(self) -> datetime:
        return HandClock().now()

    @pytest.fixture
    def live(self) -> MemoryLiveSessions:
        return MemoryLiveSessions(HandClock())


class TestMemoryAttempts(AttemptsSuite):
    @pytest.fixture
    def attempts(self) -> MemoryAttempts:
        return MemoryAttempts(
            account=5, pair=2, address=8, registrations=2, invitations=2, taken=1, mails=2, mails_address=3
        )


class TestPlainHasher(HasherSuite):
    @pytest.fixture
    def hasher(self) -> PlainHasher:
        return PlainHasher()


class TestListedTokens(TokensSuite):
    @pytest.fixture
    def tokens(self) -> ListedTokens:
        return ListedTokens()
