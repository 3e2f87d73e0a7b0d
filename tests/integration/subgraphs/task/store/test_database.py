"""The PostgreSQL store keeps the promises of the port."""

from tests.unit.subgraphs.task.port_suite import StoreSuite


class TestDatabase(StoreSuite):
    """With the fixture `store` of this folder."""
