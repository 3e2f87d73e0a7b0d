"""The PostgreSQL store keeps the promises of the port."""

from tests.unit.subgraphs.task.port_suite import StoreSuite
from tests.unit.subgraphs.task.recurrence_suite import RecurrenceRowsSuite
from tests.unit.subgraphs.task.sla_suite import SlaRowsSuite


class TestDatabase(StoreSuite, RecurrenceRowsSuite, SlaRowsSuite):
    """With the fixture `store` of this folder."""
