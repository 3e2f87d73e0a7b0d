"""Owns what the activities need of the world: the owner of tasks and a way to publish."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Protocol

from kit.kafka import Envelope
from proto.task.v1.task_pb2 import GetTaskClockRequest, ListTaskClocksRequest, ListTaskClocksResponse, TaskClock
from workflows.sla.types import SlaStart, TaskChange


class TaskClocks(Protocol):
    """The task service (its gRPC stub)."""

    def GetTaskClock(self, request: GetTaskClockRequest, /) -> Awaitable[TaskClock]:  # noqa: N802 (the stub's name)
        """Raises `DomainError` NOT_FOUND for a task that never was."""


class Alerts(Protocol):
    """Kafka (`kit.kafka.Publisher`)."""

    async def publish(self, events: Iterable[Envelope]) -> None:
        """Returns when the events are safe. Raises `DomainError` UNAVAILABLE."""


class ListedClocks(Protocol):
    """The task service (its gRPC stub), asked for many tasks."""

    def ListTaskClocks(self, request: ListTaskClocksRequest, /) -> Awaitable[ListTaskClocksResponse]:  # noqa: N802
        """The running clocks of a project, by the ids of their tasks."""


class Clocks(Protocol):
    """The clocks that run, or are to run."""

    async def tell(self, start: SlaStart, change: TaskChange) -> None:
        """Raises `DomainError` UNAVAILABLE."""
