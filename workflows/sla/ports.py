"""Owns what the activities need of the world: the owner of tasks and a way to publish."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Protocol

from kit.kafka import Envelope
from proto.task.v1.task_pb2 import GetTaskClockRequest, TaskClock


class TaskClocks(Protocol):
    """The task service (its gRPC stub)."""

    def GetTaskClock(self, request: GetTaskClockRequest, /) -> Awaitable[TaskClock]:  # noqa: N802 (the stub's name)
        """Raises `DomainError` NOT_FOUND for a task that never was."""


class Alerts(Protocol):
    """Kafka (`kit.kafka.Publisher`)."""

    async def publish(self, events: Iterable[Envelope]) -> None:
        """Returns when the events are safe. Raises `DomainError` UNAVAILABLE."""
