"""Owns telling the running clocks of a project that their policy has a new version, page by page."""

from __future__ import annotations

from datetime import UTC

from temporalio import activity

from kit.clock import Clock
from proto.task.v1.task_pb2 import ListedClock, ListTaskClocksRequest
from workflows.attempts import explained
from workflows.sla.ports import Clocks, ListedClocks
from workflows.sla.types import PolicyStart, SlaStart, TaskChange

_PAGE = 200


class PolicyActivities:
    """The activity of the roll-out."""

    def __init__(self, tasks: ListedClocks, clocks: Clocks, clock: Clock) -> None:
        self._tasks = tasks
        self._clocks = clocks
        self._clock = clock

    @activity.defn
    async def tell_clocks(self, start: PolicyStart) -> int:
        """Tells every running clock of the project, in the order of ids; a repetition goes on where it was."""
        with explained():
            details = activity.info().heartbeat_details
            after, told = (str(details[0]), int(details[1])) if details else ("", 0)
            while page := await self._page(start, after):
                for listed in page:
                    await self._clocks.tell(
                        SlaStart(task_id=listed.task_id, workspace_id=start.workspace_id), self._change(listed, start)
                    )
                after, told = page[-1].task_id, told + len(page)
                activity.heartbeat(after, told)
            return told

    async def _page(self, start: PolicyStart, after: str) -> list[ListedClock]:
        request = ListTaskClocksRequest(
            workspace_id=start.workspace_id, project_id=start.project_id, after_task_id=after, limit=_PAGE
        )
        return list((await self._tasks.ListTaskClocks(request)).clocks)

    def _change(self, listed: ListedClock, start: PolicyStart) -> TaskChange:
        return TaskChange(
            version=listed.version,
            due_at=listed.due_at.ToDatetime(tzinfo=UTC),
            open=True,
            deleted=False,
            known_at=self._clock.now(),
            policy=max(listed.policy, start.version),
        )
