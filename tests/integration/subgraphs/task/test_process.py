"""The task process from outside: GraphQL, gRPC and its life."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta

import pytest

from kit.identity import InternalTokens
from kit.ids import new_id
from kit.rpc import channel
from proto.events import CommentAdded, TaskCreated, TaskStatusUpdated, TaskUpdated
from proto.task.v1.task_pb2 import CreateTaskRequest, GetTaskClockRequest
from proto.task.v1.task_pb2_grpc import TaskServiceStub
from subgraphs.task.store.migrate import migrations
from tests.integration.subgraphs.task.operations import (
    COMMENT_ADD,
    TASK_CREATE,
    TASK_UPDATE,
    events_of,
    fetch,
    outbox_is_empty,
    project_create,
    task_create,
    task_update,
)
from tests.integration.subgraphs.task.process import TaskProcess, an_actor, code_of, task_process
from tests.testkit.postgres import PostgresDatabase
from tests.unit.subgraphs.task.auth_stub import SEED, AuthStub

pytestmark = pytest.mark.timeout(180)


async def test_a_task_lives_from_its_creation_to_its_events(
    process: TaskProcess, kafka_bootstrap: str, fresh_postgres: PostgresDatabase
) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    project = await project_create(process, ada, workspace_id)
    assert project["lead"] == {"id": str(ada.user_id)}
    due_at = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    task = await task_create(process, ada, project, dueAt=due_at, priority="HIGH")
    assert (task["key"], task["version"], task["status"]) == ("ENG-1", 1, "Todo")
    moved = await task_update(process, ada, task, title="Ship it", status="Done", expectedVersion=1)
    assert moved["version"] == 3
    commented = await process.ask(ada, COMMENT_ADD, input={"taskId": task["id"], "body": "Well done"})
    assert commented["data"]["commentAdd"]["comment"]["author"] == {"id": str(ada.user_id)}
    await outbox_is_empty(fresh_postgres.url)
    events = {event.type: event for event in await events_of(kafka_bootstrap, task["id"])}
    assert sorted(events) == ["comment.added", "task.created", "task.status.updated", "task.updated"]
    assert events["task.created"].payload(TaskCreated).task.version == 1
    assert events["task.updated"].payload(TaskUpdated).changed == ("title",)
    assert events["task.updated"].payload(TaskUpdated).task.status == "Todo"
    assert events["task.status.updated"].payload(TaskStatusUpdated).task.version == 3
    assert events["comment.added"].payload(CommentAdded).comment.body == "Well done"
    assert {event.tenant for event in events.values()} == {workspace_id}


async def test_somebody_whose_membership_has_not_arrived_yet_is_asked_for_and_kept(
    process: TaskProcess, auth: tuple[AuthStub, int], fresh_postgres: PostgresDatabase
) -> None:
    workspace_id, bob = new_id(), new_id()
    ada = an_actor()
    auth[0].roles = {(workspace_id, ada.user_id): "owner", (workspace_id, bob): "member"}
    project = await project_create(process, ada, workspace_id)
    first = await task_create(process, ada, project, assigneeIds=[str(bob)])
    second = await task_create(process, ada, project, assigneeIds=[str(bob)])
    assert first["assigneeIds"] == second["assigneeIds"] == [str(bob)]
    assert sorted(auth[0].asked) == sorted([(workspace_id, ada.user_id), (workspace_id, bob)])


async def test_bad_input_gets_its_code_and_changes_nothing(
    process: TaskProcess, fresh_postgres: PostgresDatabase
) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    project = await project_create(process, ada, workspace_id)
    task = await task_create(process, ada, project)
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    for change, code in (
        ({"title": "x" * 1_000_000}, "BAD_INPUT"),
        ({"title": "nul \x00"}, "BAD_INPUT"),
        ({"dueAt": past}, "DUE_DATE_IN_PAST"),
        ({"assigneeIds": [str(new_id())]}, "NOT_A_MEMBER"),
        ({"expectedVersion": 7, "title": "Mine"}, "VERSION_CONFLICT"),
    ):
        assert code_of(await process.ask(ada, TASK_UPDATE, input={"id": task["id"], **change})) == code
    created = {"projectId": project["id"], "title": "x" * 1_000_000}
    assert code_of(await process.ask(ada, TASK_CREATE, input=created)) == "BAD_INPUT"
    await outbox_is_empty(fresh_postgres.url)
    assert (await task_create(process, ada, project))["number"] == 2


async def test_a_worker_creates_a_task_once_and_reads_its_clock(process: TaskProcess) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    project = await project_create(process, ada, workspace_id)
    request = CreateTaskRequest(
        idempotency_key="series/1",
        workspace_id=str(workspace_id),
        project_id=project["id"],
        title="Weekly report",
        reporter_id=str(ada.user_id),
    )
    async with channel("task", [f"127.0.0.1:{process.grpc_port}"], InternalTokens(SEED, "worker")) as worker:
        tasks = worker.stub(TaskServiceStub)
        answers = await asyncio.gather(*(tasks.CreateTask(request) for _ in range(5)))
        assert len({answer.task_id for answer in answers}) == 1
        clock = await tasks.GetTaskClock(
            GetTaskClockRequest(task_id=answers[0].task_id, workspace_id=str(workspace_id))
        )
    assert (clock.key, clock.open, clock.deleted, clock.lead_id) == ("ENG-1", True, False, str(ada.user_id))


async def test_without_an_internal_token_nothing_is_answered(process: TaskProcess) -> None:
    async with process.session.post(
        f"http://127.0.0.1:{process.port}/graphql", json={"query": "{ __typename }"}
    ) as response:
        assert response.status == 401
        assert code_of(await response.json()) == "GATEWAY_REQUIRED"


async def test_sigterm_drains_and_exits_with_zero(process: TaskProcess) -> None:
    assert await process.stop(signal.SIGTERM) == 0


async def test_two_that_start_at_once_migrate_once_and_both_serve(
    settings: dict[str, str], fresh_postgres: PostgresDatabase
) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    async with task_process(settings) as one, task_process(settings) as two:
        await asyncio.gather(one.start(), two.start())
        await asyncio.gather(one.ready(), two.ready())
        project = await project_create(one, ada, workspace_id)
        tasks = await asyncio.gather(*(task_create(process, ada, project) for process in (one, two) for _ in range(10)))
    assert sorted(task["number"] for task in tasks) == list(range(1, 21))
    applied = await fetch(fresh_postgres.owner_url, "SELECT name FROM schema_migrations ORDER BY name")
    assert len({row["name"] for row in applied}) == len(applied) == len(migrations())


async def test_a_setting_that_is_wrong_stops_the_start_by_its_name(settings: dict[str, str]) -> None:
    owner_as_application = settings | {"TASKFLOW_POSTGRES_URL": settings["TASKFLOW_POSTGRES_OWNER_URL"]}
    for wrong in (settings | {"TASKFLOW_AUTH_GRPC": ""}, owner_as_application):
        async with task_process(wrong) as process:
            await process.start()
            assert process.running is not None
            async with asyncio.timeout(60):
                assert await process.running.wait() == 2
