"""The gRPC service over a real channel, with the store in memory."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from kit.identity import HEADER, Actor, InternalTokens, InternalVerifier, new_seed, public_of
from kit.ids import new_id
from kit.rpc import channel, server
from proto.task.v1.task_pb2 import CreateTaskRequest, GetTaskClockRequest
from proto.task.v1.task_pb2_grpc import TaskServiceStub, add_TaskServiceServicer_to_server
from subgraphs.task.domain.projects import Project
from subgraphs.task.rpc.tasks import TaskServicer
from tests.unit.subgraphs.task.samples import NOW, FakeClock, a_membership
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World

if TYPE_CHECKING:
    from proto.task.v1.task_pb2_grpc import TaskServiceAsyncStub

SEED = new_seed()
CLOCK = FakeClock()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def port(world: World) -> AsyncIterator[int]:
    servicer = TaskServicer(
        world.services.tasks, world.services.memberships, world.services.recurrences, world.services.sla
    )
    verifier = InternalVerifier([public_of(SEED)], "task", CLOCK)
    register = [partial(add_TaskServiceServicer_to_server, servicer)]
    async with server(register, verifier, "127.0.0.1", 0) as opened:
        yield opened.port


def speaking_as(service: str, port: int) -> AbstractAsyncContextManager["TaskServiceAsyncStub"]:
    @asynccontextmanager
    async def opened() -> AsyncIterator["TaskServiceAsyncStub"]:
        async with channel("task", [f"127.0.0.1:{port}"], InternalTokens(SEED, service, CLOCK)) as wire:
            yield wire.stub(TaskServiceStub)

    return opened()


def request(world: World, project: Project, **details: Any) -> CreateTaskRequest:
    wanted = CreateTaskRequest(
        idempotency_key="series/2030-01-15",
        workspace_id=str(world.workspace_id),
        project_id=str(project.id),
        title="Weekly report",
        reporter_id=str(world.ada),
    )
    for name, value in details.items():
        if name == "assignee_ids":
            wanted.assignee_ids.append(str(value))
        else:
            setattr(wanted, name, value)
    return wanted


class TestCreateTask:
    async def test_a_key_makes_one_task_however_often_it_is_called(self, world: World, port: int) -> None:
        project = await world.project()
        due_at = Timestamp()
        due_at.FromDatetime(NOW + timedelta(days=7))
        wanted = request(world, project, priority="HIGH")
        wanted.due_at.CopyFrom(due_at)
        async with speaking_as("worker", port) as tasks:
            first, second = await tasks.CreateTask(wanted), await tasks.CreateTask(wanted)
        assert first == second
        assert (first.key, first.version) == ("ENG-1", 1)
        [task] = world.store.state.tasks.values()
        assert (task.reporter_id, task.priority, task.due_at) == (world.ada, "HIGH", NOW + timedelta(days=7))

    async def test_a_project_of_another_workspace_is_not_found_even_when_the_reporter_is_there(
        self, world: World, port: int
    ) -> None:
        project = await world.project()
        await world.services.memberships.apply(new_id(), a_membership(world.workspace_id, world.ada))
        async with speaking_as("worker", port) as tasks:
            attempt = tasks.CreateTask(request(world, project, workspace_id=str(new_id())))
            assert await code_of(attempt) == "NOT_FOUND"

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("idempotency_key", "", "BAD_INPUT"),
            ("workspace_id", "x", "BAD_INPUT"),
            ("project_id", "", "BAD_INPUT"),
            ("reporter_id", "me", "BAD_INPUT"),
            ("title", "x" * 501, "BAD_INPUT"),
            ("priority", "SOON", "BAD_INPUT"),
            ("assignee_ids", "nobody", "BAD_INPUT"),
            ("assignee_ids", "018f0000-0000-7000-8000-000000000000", "NOT_A_MEMBER"),
        ],
    )
    async def test_bad_input_is_refused_and_makes_nothing(
        self, world: World, port: int, field: str, value: str, code: str
    ) -> None:
        project = await world.project()
        async with speaking_as("worker", port) as tasks:
            assert await code_of(tasks.CreateTask(request(world, project, **{field: value}))) == code
        assert world.store.state.tasks == {}

    async def test_a_deadline_out_of_range_or_past_is_refused(self, world: World, port: int) -> None:
        project = await world.project()
        async with speaking_as("worker", port) as tasks:
            wanted = request(world, project)
            wanted.due_at.seconds = 1
            assert await code_of(tasks.CreateTask(wanted)) == "DUE_DATE_IN_PAST"
            wanted.due_at.seconds = 10**15
            assert await code_of(tasks.CreateTask(wanted)) == "BAD_INPUT"


class TestGetTaskClock:
    async def test_it_tells_what_workers_decide_by(self, world: World, port: int) -> None:
        member = await world.member()
        task = await world.task(title="Ship", assignee_ids=[member], due_at=NOW + timedelta(hours=1))
        wanted = GetTaskClockRequest(task_id=str(task.id), workspace_id=str(world.workspace_id))
        async with speaking_as("worker", port) as tasks:
            clock = await tasks.GetTaskClock(wanted)
            await world.services.tasks.delete(world.viewer(), task.id)
            deleted = await tasks.GetTaskClock(wanted)
        assert (clock.key, clock.title, clock.version, clock.open, clock.deleted) == ("ENG-1", "Ship", 1, True, False)
        assert clock.due_at.ToDatetime(tzinfo=NOW.tzinfo) == task.due_at
        assert (clock.lead_id, list(clock.assignee_ids)) == (str(world.ada), [str(member)])
        assert (deleted.deleted, deleted.version) == (True, 2)

    async def test_a_task_of_another_workspace_or_of_none_is_not_found(self, world: World, port: int) -> None:
        task = await world.task()
        async with speaking_as("worker", port) as tasks:
            for task_id, workspace_id in ((task.id, new_id()), (new_id(), world.workspace_id)):
                wanted = GetTaskClockRequest(task_id=str(task_id), workspace_id=str(workspace_id))
                assert await code_of(tasks.GetTaskClock(wanted)) == "NOT_FOUND"
            assert await code_of(tasks.GetTaskClock(GetTaskClockRequest(task_id=str(task.id)))) == "BAD_INPUT"


class TestCallers:
    async def test_only_workers_may_call(self, world: World, port: int) -> None:
        task = await world.task()
        wanted = GetTaskClockRequest(task_id=str(task.id), workspace_id=str(world.workspace_id))
        async with speaking_as("gateway", port) as tasks:
            assert await code_of(tasks.GetTaskClock(wanted)) == "FORBIDDEN"
            assert await code_of(tasks.CreateTask(request(world, await world.project("OPS")))) == "FORBIDDEN"

    async def test_a_worker_that_speaks_for_a_person_is_refused(self, world: World, port: int) -> None:
        actor = Actor(user_id=world.ada, session_id=new_id(), workspaces={world.workspace_id: "owner"})
        token = InternalTokens(SEED, "worker", CLOCK).mint(actor, "task")
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as wire:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await TaskServiceStub(wire).GetTaskClock(GetTaskClockRequest(), metadata=((HEADER, token),))
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED

    async def test_nobody_is_refused(self, world: World, port: int) -> None:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as wire:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await TaskServiceStub(wire).GetTaskClock(GetTaskClockRequest())
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
