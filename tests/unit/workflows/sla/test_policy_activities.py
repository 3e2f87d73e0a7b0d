"""A new policy is told to every running clock once, page by page, and goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.testing import ActivityEnvironment

from kit.errors import DomainError, unavailable
from proto.task.v1.task_pb2 import ListedClock, ListTaskClocksRequest, ListTaskClocksResponse
from workflows.sla.policy_activities import PolicyActivities
from workflows.sla.types import PolicyStart, SlaStart, TaskChange

DUE = datetime(2026, 3, 1, tzinfo=UTC)
START = PolicyStart(project_id="p", workspace_id="w", version=2)


@dataclass
class Owner:
    """Has as many clocks as the test wants."""

    ids: Sequence[str]

    async def ListTaskClocks(self, request: ListTaskClocksRequest, /) -> ListTaskClocksResponse:
        assert (request.workspace_id, request.project_id) == ("w", "p")
        due_at = Timestamp()
        due_at.FromDatetime(DUE)
        behind = [one for one in self.ids if one > request.after_task_id][: request.limit]
        return ListTaskClocksResponse(
            clocks=[ListedClock(task_id=one, version=7, due_at=due_at, policy=2) for one in behind]
        )


@dataclass
class Clocks:
    """Keeps what it was told; is away after a number of them."""

    told: list[tuple[str, TaskChange]] = field(default_factory=list)
    away_after: int | None = None

    async def tell(self, start: SlaStart, change: TaskChange) -> None:
        if self.away_after is not None and len(self.told) >= self.away_after:
            raise unavailable("Temporal is away")
        self.told.append((start.task_id, change))


class StandingClock:
    def now(self) -> datetime:
        return DUE


def ids(count: int) -> list[str]:
    return sorted(str(uuid4()) for _ in range(count))


async def test_every_clock_is_told() -> None:
    owner, clocks = Owner(ids(450)), Clocks()
    told = await ActivityEnvironment().run(PolicyActivities(owner, clocks, StandingClock()).tell_clocks, START)
    assert told == 450
    assert [task_id for task_id, _ in clocks.told] == owner.ids
    assert {(change.version, change.policy, change.due_at) for _, change in clocks.told} == {(7, 2, DUE)}


async def test_a_roll_out_that_was_interrupted_goes_on_with_the_page_it_was_at() -> None:
    owner, clocks = Owner(ids(450)), Clocks(away_after=250)
    activities, environment = PolicyActivities(owner, clocks, StandingClock()), ActivityEnvironment()
    beats: list[object] = []
    environment.on_heartbeat = lambda *details: beats.append(details)
    with pytest.raises(DomainError):
        await environment.run(activities.tell_clocks, START)
    assert beats == [(owner.ids[199], 200)]
    clocks.away_after = None
    again = ActivityEnvironment()
    again.info = replace(again.info, heartbeat_details=[owner.ids[199], 200])
    assert await again.run(activities.tell_clocks, START) == 450
    assert {task_id for task_id, _ in clocks.told} == set(owner.ids)
