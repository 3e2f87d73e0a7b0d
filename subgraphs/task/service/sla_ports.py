"""What the use cases of SLA policies and clocks need of a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.sla import Policy
from subgraphs.task.domain.sla_clock import Acknowledgement, Alert, HistoryEntry
from subgraphs.task.domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedClock:
    """A task whose clock runs, for whoever tells its workflow about another policy."""

    task_id: UUID
    version: int
    due_at: datetime
    policy: int


class SlaRows(Protocol):
    """Policies, what was told about deadlines, and who took over."""

    async def policies(self, project_ids: Collection[UUID]) -> dict[UUID, Policy]:
        """The present policy of each project that set one."""

    async def add_policy(self, policy: Policy, event: Announcement) -> None: ...

    async def changes(self, task_ids: Collection[UUID]) -> dict[UUID, list[HistoryEntry]]:
        """The changes of each task that matter to its clock, in order."""

    async def alerts(self, task_ids: Collection[UUID]) -> dict[UUID, list[Alert]]: ...

    async def add_alert(self, task: Task, alert: Alert) -> None: ...

    async def acknowledgements(self, task_ids: Collection[UUID]) -> dict[UUID, list[Acknowledgement]]: ...

    async def acknowledge(self, task: Task, acknowledgement: Acknowledgement, event: Announcement) -> None: ...

    async def running(self, project_id: UUID, after: UUID | None, limit: int) -> Sequence[ListedClock]:
        """The open tasks with a deadline, by id."""

    async def admins(self, workspace_id: UUID) -> Sequence[UUID]:
        """The owners and admins of the workspace."""
