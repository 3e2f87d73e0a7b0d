"""Owns what the activities need of the world: the owner of series and the engine's Schedules."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from proto.task.v1.task_pb2 import CreateTaskRequest, CreateTaskResponse, RecurrencePlan, SettleRecurrenceRequest
from workflows.recurrence.types import Plan, SeriesRef


class SeriesOwner(Protocol):
    """The task service (its gRPC stub)."""

    def SettleRecurrence(self, request: SettleRecurrenceRequest, /) -> Awaitable[RecurrencePlan]:  # noqa: N802
        """Raises `DomainError` NOT_FOUND for a series that never was."""

    def CreateTask(self, request: CreateTaskRequest, /) -> Awaitable[CreateTaskResponse]:  # noqa: N802
        """Once per occurrence, whoever asks and however often."""


class Alarms(Protocol):
    """What wakes a series at its next instants, and the series' workflow that is woken."""

    async def set(self, series: SeriesRef, plan: Plan) -> None:
        """Returns when the instants hold; those that passed meanwhile may go by unheard."""

    async def remove(self, series: SeriesRef) -> None: ...

    async def wake(self, series: SeriesRef) -> None: ...
