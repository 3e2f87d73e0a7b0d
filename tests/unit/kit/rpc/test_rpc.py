"""Calls between a real client and a real server over loopback: identity, errors, deadlines, retries, breaker, trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest

from kit.errors import DomainError, Kind
from kit.identity import InternalTokens, InternalVerifier, new_seed, public_of
from kit.resilience import Deadline
from kit.rpc import ChannelOptions, channel, current_caller, server
from kit.rpc.client import WIRE_OPTIONS as CLIENT_OPTIONS
from kit.rpc.server import WIRE_OPTIONS as SERVER_OPTIONS
from kit.telemetry import setup_tracing, span, trace_id
from proto.task.v1.task_pb2 import CreateTaskRequest, CreateTaskResponse, GetTaskClockRequest, TaskClock
from proto.task.v1.task_pb2_grpc import TaskServiceServicer, TaskServiceStub, add_TaskServiceServicer_to_server

SEED = new_seed()
TOKENS = InternalTokens(SEED, "worker")
VERIFIER = InternalVerifier([public_of(SEED)], "task")
OPTIONS = ChannelOptions(timeout_seconds=3.0, repeatable=("GetTaskClock",))
REQUEST = GetTaskClockRequest(task_id="t")
LIBRARY = Path(str(find_spec("grpc._cython.cygrpc").origin)).read_bytes()  # type: ignore[union-attr]  # it is imported


@pytest.fixture(autouse=True, scope="module")
def _tracing() -> None:
    setup_tracing("test", None)


class Tasks(TaskServiceServicer):
    """Answers with what the test says."""

    def __init__(self, answer: Callable[[], Awaitable[TaskClock]]) -> None:
        self.calls = 0
        self._answer = answer

    async def GetTaskClock(self, request: GetTaskClockRequest, context: Any) -> TaskClock:
        self.calls += 1
        return await self._answer()

    async def CreateTask(self, request: CreateTaskRequest, context: Any) -> CreateTaskResponse:
        self.calls += 1
        await self._answer()
        return CreateTaskResponse(task_id="t")

    async def ListTaskClocks(self, request: Any, context: Any) -> Any:
        raise NotImplementedError

    async def SettleRecurrence(self, request: Any, context: Any) -> Any:
        raise NotImplementedError


@asynccontextmanager
async def served(tasks: Tasks, port: int = 0) -> AsyncIterator[int]:
    register = partial(add_TaskServiceServicer_to_server, tasks)
    async with server([register], VERIFIER, "127.0.0.1", port) as opened:
        yield opened.port


async def nothing() -> TaskClock:
    return TaskClock(version=7)


async def test_the_server_knows_its_caller() -> None:
    seen = []

    async def answer() -> TaskClock:
        seen.append(current_caller().service)
        return TaskClock(version=7)

    async with served(Tasks(answer)) as port, channel("task", [f"127.0.0.1:{port}"], TOKENS) as wire:
        assert (await wire.stub(TaskServiceStub).GetTaskClock(REQUEST)).version == 7
    assert seen == ["worker"]


async def test_without_a_good_token_the_handler_is_not_reached() -> None:
    tasks = Tasks(nothing)
    async with served(tasks) as port:
        async with channel("task", [f"127.0.0.1:{port}"], InternalTokens(new_seed(), "worker")) as wire:
            with pytest.raises(DomainError) as refused:
                await wire.stub(TaskServiceStub).GetTaskClock(REQUEST)
        assert refused.value.code == "GATEWAY_REQUIRED"
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as bare:
            with pytest.raises(grpc.aio.AioRpcError) as bare_refused:
                await TaskServiceStub(bare).GetTaskClock(REQUEST)
        assert bare_refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert tasks.calls == 0


async def test_a_domain_error_arrives_whole() -> None:
    missing = uuid4()

    async def answer() -> TaskClock:
        raise DomainError.of("NOT_FOUND", "There is no such täsk.", id=missing)

    async with served(Tasks(answer)) as port, channel("task", [f"127.0.0.1:{port}"], TOKENS) as wire:
        with pytest.raises(DomainError) as raised:
            await wire.stub(TaskServiceStub).GetTaskClock(REQUEST)
    error = raised.value
    assert (error.kind, error.code, error.message) == (Kind.NOT_FOUND, "NOT_FOUND", "There is no such täsk.")
    assert error.fields == {"id": str(missing)}


async def test_a_foreign_exception_is_masked() -> None:
    async def answer() -> TaskClock:
        raise RuntimeError("password=hunter2")

    async with served(Tasks(answer)) as port, channel("task", [f"127.0.0.1:{port}"], TOKENS) as wire:
        with pytest.raises(DomainError) as raised:
            await wire.stub(TaskServiceStub).GetTaskClock(REQUEST)
    assert raised.value.code == "INTERNAL"
    assert "hunter2" not in repr(raised.value)
    assert raised.value.fields["traceId"]


async def test_the_callers_deadline_reaches_the_handler_and_ends_the_call() -> None:
    left: list[float] = []

    async def answer() -> TaskClock:
        deadline = Deadline.current()
        assert deadline is not None
        left.append(deadline.remaining)
        await asyncio.Event().wait()
        raise AssertionError

    async with served(Tasks(answer)) as port, channel("task", [f"127.0.0.1:{port}"], TOKENS) as wire:
        with Deadline.after(0.2).scope(), pytest.raises(DomainError) as raised:
            await wire.stub(TaskServiceStub).GetTaskClock(REQUEST)
    assert raised.value.kind is Kind.TIMEOUT
    assert 0 < left[0] <= 0.25


async def test_one_trace_spans_both_sides() -> None:
    seen = []

    async def answer() -> TaskClock:
        seen.append(trace_id())
        return TaskClock()

    async with served(Tasks(answer)) as port, channel("task", [f"127.0.0.1:{port}"], TOKENS) as wire:
        with span("outer"):
            await wire.stub(TaskServiceStub).GetTaskClock(REQUEST)
            assert seen == [trace_id()]


@pytest.mark.parametrize("option", [name for name, _ in (*CLIENT_OPTIONS, *SERVER_OPTIONS)])
def test_every_option_of_the_wire_is_one_that_grpc_knows(option: str) -> None:
    # An unknown one is silently ignored: the server would then hang up on clients that see whether it is there.
    assert option.encode() + b"\0" in LIBRARY


async def test_a_dead_target_is_passed_over() -> None:
    async with served(Tasks(nothing)) as dead:
        pass
    tasks = Tasks(nothing)
    async with served(tasks) as port:
        targets = [f"127.0.0.1:{dead}", f"127.0.0.1:{port}"]
        async with channel("task", targets, TOKENS, OPTIONS) as wire:
            stub = wire.stub(TaskServiceStub)
            for _ in range(20):
                await stub.GetTaskClock(REQUEST)
    assert tasks.calls == 20


async def test_only_methods_named_as_repeatable_are_tried_again() -> None:
    async def answer() -> TaskClock:
        raise DomainError.of("UNAVAILABLE", "later")

    tasks = Tasks(answer)
    async with served(tasks) as port, channel("task", [f"127.0.0.1:{port}"], TOKENS, OPTIONS) as wire:
        stub = wire.stub(TaskServiceStub)
        with pytest.raises(DomainError):
            await stub.CreateTask(CreateTaskRequest())
        assert tasks.calls == 1
        with pytest.raises(DomainError):
            await stub.GetTaskClock(REQUEST)
        assert tasks.calls == 4


async def test_an_outage_opens_the_breaker_and_calls_fail_without_the_wire() -> None:
    async def answer() -> TaskClock:
        raise DomainError.of("UNAVAILABLE", "later")

    tasks = Tasks(answer)
    async with served(tasks) as port, channel("task", [f"127.0.0.1:{port}"], TOKENS, OPTIONS) as wire:
        stub = wire.stub(TaskServiceStub)
        for _ in range(30):
            with pytest.raises(DomainError):
                await stub.CreateTask(CreateTaskRequest())
    assert tasks.calls == 5


async def test_a_restarted_server_is_found_again() -> None:
    tasks = Tasks(nothing)
    async with served(tasks) as port:
        pass
    options = ChannelOptions(timeout_seconds=5.0, attempts=30, repeatable=("GetTaskClock",))
    async with channel("task", [f"127.0.0.1:{port}"], TOKENS, options) as wire:
        stub = wire.stub(TaskServiceStub)
        with pytest.raises(DomainError):
            await stub.CreateTask(CreateTaskRequest())
        async with served(tasks, port):
            await stub.GetTaskClock(REQUEST)
    assert tasks.calls == 1
