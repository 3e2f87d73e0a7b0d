"""The store that the unit tests use keeps the promises of the real one."""

import pytest

from subgraphs.task.service.ports import Store
from tests.unit.subgraphs.task.fake_store import FakeStore
from tests.unit.subgraphs.task.port_suite import StoreSuite
from tests.unit.subgraphs.task.recurrence_suite import RecurrenceRowsSuite
from tests.unit.subgraphs.task.sla_suite import SlaRowsSuite


class TestFakeStore(StoreSuite, RecurrenceRowsSuite, SlaRowsSuite):
    @pytest.fixture
    def store(self) -> Store:
        return FakeStore()
