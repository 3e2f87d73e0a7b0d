"""What was committed reaches Kafka, in the order of each task, whoever dies in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp
import asyncpg
import pytest

from kit.ids import new_id
from kit.kafka import Envelope, Relay, RelayOptions, WakeUp, publisher
from kit.kafka.postgres import PostgresPending
from kit.lifecycle import supervised
from proto.events import TaskCreated, TaskUpdated
from subgraphs.task.app import TOPICS, build_services
from subgraphs.task.domain.projects import Project, ProjectDraft
from subgraphs.task.domain.tasks import Task, TaskPatch
from subgraphs.task.events.published import encode
from subgraphs.task.schema.context import Services
from subgraphs.task.service.memberships import Viewer
from subgraphs.task.service.project_cache import NoProjectCache
from subgraphs.task.store.connection import Pool
from subgraphs.task.store.database import Database
from subgraphs.task.store.outbox import insert_events
from tests.integration.subgraphs.task.operations import (
    TASK_CREATE,
    events_of,
    fetch,
    outbox_is_empty,
    project_create,
    task_create,
)
from tests.integration.subgraphs.task.process import an_actor, task_process
from tests.testkit.postgres import PostgresDatabase
from tests.unit.subgraphs.task.fake_directory import FakeDirectory
from tests.unit.subgraphs.task.samples import a_caller, a_creation, a_draft

pytestmark = pytest.mark.timeout(180)


@asynccontextmanager
async def relaying(pool: Pool, wake_up: WakeUp, bootstrap: str) -> AsyncIterator[None]:
    """A relay of its own, as another process would run it."""
    options = RelayOptions(sweep_seconds=0.2, left_behind_seconds=0.0)
    async with publisher([bootstrap], TOPICS, "test") as opened:
        relay = Relay("task", PostgresPending(pool, "task"), opened, wake_up, options)
        async with supervised("relay", relay.run):
            yield


@dataclass(frozen=True)
class Desk:
    """Somebody who works with tasks, by the machine's clock: a relay looks at the age of what it finds."""

    services: Services
    viewer: Viewer
    project: Project

    async def task(self) -> Task:
        return await self.services.tasks.create(self.viewer, a_draft(self.project))

    async def rename(self, task: Task, title: str) -> None:
        await self.services.tasks.update(self.viewer, task.id, TaskPatch(title=title))


@pytest.fixture
async def desk(store: Database) -> Desk:
    services = build_services(store, FakeDirectory(), NoProjectCache())
    workspace_id = new_id()
    viewer = Viewer(a_caller(workspace_id), services.memberships)
    draft = ProjectDraft(workspace_id=workspace_id, key="ENG", name="Engineering")
    return Desk(services, viewer, await services.projects.create(viewer, draft))


async def test_a_commit_wakes_the_relay(
    desk: Desk, pool: Pool, wake_up: WakeUp, migrated: PostgresDatabase, kafka_bootstrap: str
) -> None:
    async with relaying(pool, wake_up, kafka_bootstrap):
        task = await desk.task()
        await outbox_is_empty(migrated.url)
    [event] = await events_of(kafka_bootstrap, str(task.id))
    assert event.payload(TaskCreated).task.key == task.key


async def test_a_transaction_that_commits_late_is_not_skipped(
    desk: Desk, pool: Pool, wake_up: WakeUp, migrated: PostgresDatabase, kafka_bootstrap: str
) -> None:
    late = replace(encode(a_creation()), time=datetime.now(UTC))
    slow = await asyncpg.connect(migrated.url)
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute(insert_events(1), *_columns(late))
    async with relaying(pool, wake_up, kafka_bootstrap):
        task = await desk.task()
        await outbox_is_empty(migrated.url)
        await transaction.commit()
        await slow.close()
        await outbox_is_empty(migrated.url)
    assert len(await events_of(kafka_bootstrap, str(task.id))) == 1
    [event] = await events_of(kafka_bootstrap, late.subject)
    assert event.id == late.id


async def test_relays_side_by_side_keep_the_order_of_each_task(
    desk: Desk, pool: Pool, wake_up: WakeUp, migrated: PostgresDatabase, kafka_bootstrap: str
) -> None:
    tasks = [await desk.task() for _ in range(3)]

    async def rename_often(task: Task) -> None:
        for number in range(15):
            await desk.rename(task, f"Title {number}")

    # The second relay is never woken: it sweeps what the first has under way, which is when order could break.
    async with relaying(pool, wake_up, kafka_bootstrap), relaying(pool, WakeUp(), kafka_bootstrap):
        await asyncio.gather(*(rename_often(task) for task in tasks))
        await outbox_is_empty(migrated.url)
    for task in tasks:
        events = [event for event in await events_of(kafka_bootstrap, str(task.id)) if event.type == "task.updated"]
        versions = list(dict.fromkeys(event.payload(TaskUpdated).task.version for event in events))
        assert versions == list(range(2, 17))


async def test_a_kill_between_the_commit_and_the_relay_loses_nothing(
    settings: dict[str, str], fresh_postgres: PostgresDatabase, kafka_bootstrap: str
) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    async with task_process(settings) as process:
        await process.start(TASKFLOW_FAILPOINTS="outbox.after_commit=exit@1")
        await process.ready()
        project = await project_create(process, ada, workspace_id)
        with pytest.raises(aiohttp.ClientError):
            await process.ask(ada, TASK_CREATE, input={"projectId": project["id"], "title": "Unacknowledged"})
        [row] = await fetch(fresh_postgres.url, "SELECT key FROM outbox")
        await process.start()
        await process.ready()
        await outbox_is_empty(fresh_postgres.url)
    [event] = await events_of(kafka_bootstrap, row["key"])
    assert event.payload(TaskCreated).task.title == "Unacknowledged"


async def test_a_kill_between_the_broker_and_the_mark_repeats_the_same_event(
    settings: dict[str, str], fresh_postgres: PostgresDatabase, kafka_bootstrap: str
) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    async with task_process(settings) as process:
        await process.start(TASKFLOW_FAILPOINTS="relay.after_send=exit@1")
        await process.ready()
        project = await project_create(process, ada, workspace_id)
        # The answer may or may not come before the end; the commit is what counts.
        await asyncio.gather(task_create(process, ada, project), return_exceptions=True)
        await process.ended()
        [row] = await fetch(fresh_postgres.url, "SELECT key FROM outbox")
        await process.start()
        await process.ready()
        await outbox_is_empty(fresh_postgres.url)
    first, second = await events_of(kafka_bootstrap, row["key"])
    assert first == second


async def test_while_kafka_cannot_be_reached_tasks_are_still_created(
    settings: dict[str, str], fresh_postgres: PostgresDatabase, kafka_bootstrap: str
) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    async with task_process(settings) as process:
        await process.start(TASKFLOW_KAFKA_BOOTSTRAP="127.0.0.1:1")
        await process.ready()
        project = await project_create(process, ada, workspace_id)
        task = await task_create(process, ada, project)
        assert await process.stop() == 0
        await process.start()
        await process.ready()
        await outbox_is_empty(fresh_postgres.url)
    assert len(await events_of(kafka_bootstrap, task["id"])) == 1


def _columns(event: Envelope) -> list[list[object]]:
    columns = (event.id, event.type, event.subject, event.tenant, event.time, event.traceparent, event.data)
    return [[value] for value in columns]
