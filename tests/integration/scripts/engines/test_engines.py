"""Each engine starts, keeps what it acknowledged through a SIGKILL, and comes back on the same port."""

import asyncio
import uuid
from datetime import timedelta

import asyncpg
import pymongo
import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from scripts.engines.run import EngineSet
from tests.testkit.postgres import PostgresDatabase


@workflow.defn
class Sleeper:
    @workflow.run
    async def run(self, days: int) -> str:
        await workflow.sleep(timedelta(days=days))
        return "woken"


async def _ask_for_ever(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A backend may answer once more before it notices that its server is gone."""
    while True:
        await connection.execute("SELECT 1")


class TestPostgres:
    async def test_a_committed_row_survives_a_kill(self, private_engines: EngineSet) -> None:
        owner_url = private_engines.environment("postgres")["TASKFLOW_POSTGRES_OWNER_URL"]
        owner = await asyncpg.connect(owner_url)
        await owner.execute("CREATE TABLE kept (n int)")
        await owner.execute("INSERT INTO kept VALUES (7)")
        private_engines.server("postgres").kill()
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await _ask_for_ever(owner)
        private_engines.server("postgres").restart()
        again = await asyncpg.connect(owner_url)
        assert await again.fetchval("SELECT n FROM kept") == 7
        await again.close()
        owner.terminate()

    async def test_the_application_role_is_bound_by_row_level_security(self, fresh_postgres: PostgresDatabase) -> None:
        application = await asyncpg.connect(fresh_postgres.url)
        role = await application.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolname FROM pg_roles WHERE rolname = current_user"
        )
        owns = await application.fetchval(
            "SELECT datdba = current_user::regrole FROM pg_database WHERE datname = current_database()"
        )
        await application.close()
        assert role is not None
        assert tuple(role) == (False, False, False, "taskflow_app")
        assert owns is False


def test_redis_keeps_its_keys_through_a_kill(private_engines: EngineSet) -> None:
    redis_url = private_engines.environment("redis")["TASKFLOW_REDIS_URL"]
    with redis.Redis.from_url(redis_url) as client:
        client.set("kept", "7")
        # The append-only file is written before the answer and synced each second: a killed process loses nothing.
        private_engines.server("redis").kill()
    private_engines.server("redis").restart()
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("kept") == b"7"


def test_mongo_keeps_acknowledged_documents_through_a_kill(private_engines: EngineSet) -> None:
    mongo_url = private_engines.environment("mongo")["TASKFLOW_MONGO_URL"]
    with pymongo.MongoClient[dict[str, object]](mongo_url) as client:
        client["kept"]["kept"].insert_one({"_id": 7})
        private_engines.server("mongo").kill()
        private_engines.server("mongo").restart()
        assert client["kept"]["kept"].find_one({"_id": 7}) == {"_id": 7}


async def test_kafka_keeps_acknowledged_records_through_a_kill(private_engines: EngineSet) -> None:
    kafka_bootstrap = private_engines.environment("kafka")["TASKFLOW_KAFKA_BOOTSTRAP"]
    topic = f"kept-{uuid.uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, b"7")
    private_engines.server("kafka").kill()
    await asyncio.to_thread(private_engines.server("kafka").restart)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
    async with consumer:
        assert (await consumer.getone()).value == b"7"


async def test_temporal_keeps_running_workflows_through_a_kill(private_engines: EngineSet) -> None:
    temporal_address = private_engines.environment("temporal")["TASKFLOW_TEMPORAL_ADDRESS"]
    client = await Client.connect(temporal_address)
    handle = await client.start_workflow(Sleeper.run, 1, id=f"kept-{uuid.uuid4()}", task_queue="nobody")
    private_engines.server("temporal").kill()
    await asyncio.to_thread(private_engines.server("temporal").restart)
    description = await (await Client.connect(temporal_address)).get_workflow_handle(handle.id).describe()
    assert description.run_id == handle.first_execution_run_id


async def test_the_time_skipping_server_finishes_a_year_at_once(temporal_time_skipping: str) -> None:
    environment = await WorkflowEnvironment.start_time_skipping(test_server_existing_path=temporal_time_skipping)
    async with (
        environment,
        Worker(environment.client, task_queue="q", workflows=[Sleeper], workflow_runner=UnsandboxedWorkflowRunner()),
    ):
        result = await environment.client.execute_workflow(Sleeper.run, 365, id="year", task_queue="q")
    assert result == "woken"
