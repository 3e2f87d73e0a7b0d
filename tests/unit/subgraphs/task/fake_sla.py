"""Policies, alerts and acknowledgements in memory, as `service.sla_ports` promises them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from proto.permissions import Role
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.memberships import Membership
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.sla import Policy
from subgraphs.task.domain.sla_clock import Acknowledgement, Alert, HistoryEntry
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.ports import Activity
from subgraphs.task.service.sla_ports import ListedClock
from subgraphs.task.store.sla import read_terms, write_terms


@dataclass
class SlaTables:
    """The rows; a copy of it is as good as the original until it is written to."""

    policies: dict[tuple[UUID, int], Policy] = field(default_factory=dict)
    alerts: dict[UUID, tuple[UUID, Alert]] = field(default_factory=dict)
    acknowledgements: list[tuple[UUID, Acknowledgement]] = field(default_factory=list)
    events: list[Announcement] = field(default_factory=list)

    def __copy__(self) -> "SlaTables":
        return SlaTables(dict(self.policies), dict(self.alerts), list(self.acknowledgements), list(self.events))


@dataclass(frozen=True)
class FakeSlaRows:
    """Implements the port `SlaRows`."""

    tables: SlaTables
    projects: dict[UUID, Project]
    live: Callable[[], Sequence[Task]]
    activity: Sequence[Activity]
    memberships: dict[tuple[UUID, UUID], Membership]

    async def policies(self, project_ids: Collection[UUID]) -> dict[UUID, Policy]:
        keys = [(one, self.projects[one].sla_version) for one in project_ids if one in self.projects]
        return {key[0]: self.tables.policies[key] for key in keys if key in self.tables.policies}

    async def add_policy(self, policy: Policy, event: Announcement) -> None:
        kept = replace(policy, terms=read_terms(write_terms(policy.terms)))
        self.tables.policies[policy.project_id, policy.version] = kept
        self.projects[policy.project_id] = replace(self.projects[policy.project_id], sla_version=policy.version)
        self.tables.events.append(event)

    async def changes(self, task_ids: Collection[UUID]) -> dict[UUID, list[HistoryEntry]]:
        matters = {"status", "dueAt", "deletedAt"}
        found: dict[UUID, list[HistoryEntry]] = {task_id: [] for task_id in task_ids}
        for entry in sorted(self.activity, key=lambda one: one.version):
            if entry.task_id in found and matters & entry.changes.keys():
                found[entry.task_id].append(HistoryEntry(at=entry.at, changes=_as_rows(entry)))
        return found

    async def alerts(self, task_ids: Collection[UUID]) -> dict[UUID, list[Alert]]:
        return {one: [alert for of, alert in self.tables.alerts.values() if of == one] for one in task_ids}

    async def add_alert(self, task: Task, alert: Alert) -> None:
        self.tables.alerts.setdefault(alert.id, (task.id, alert))

    async def acknowledgements(self, task_ids: Collection[UUID]) -> dict[UUID, list[Acknowledgement]]:
        return {one: [taken for of, taken in self.tables.acknowledgements if of == one] for one in task_ids}

    async def acknowledge(self, task: Task, acknowledgement: Acknowledgement, event: Announcement) -> None:
        self.tables.acknowledgements.append((task.id, acknowledgement))
        self.tables.events.append(event)

    async def running(self, project_id: UUID, after: UUID | None, limit: int) -> Sequence[ListedClock]:
        found = [
            ListedClock(task_id=task.id, version=task.version, due_at=task.due_at, policy=task.project.sla_version)
            for task in sorted(self.live(), key=lambda one: one.id.int)
            if task.project.id == project_id and task.due_at is not None and task.status.category.open
        ]
        return [one for one in found if after is None or one.task_id.int > after.int][:limit]

    async def admins(self, workspace_id: UUID) -> Sequence[UUID]:
        found = [one for one in self.memberships.values() if one.workspace_id == workspace_id]
        return [one.user_id for one in found if one.role in (Role.OWNER, Role.ADMIN)]


def _as_rows(entry: Activity) -> dict[str, dict[str, object]]:
    """Times as text, as JSON brings them back."""
    return {
        name: {side: value.isoformat() if hasattr(value, "isoformat") else value for side, value in sides.items()}
        for name, sides in entry.changes.items()
    }
