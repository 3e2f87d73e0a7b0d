"""Owns what the clock does to the world: asks the task's owner, and publishes alerts under an id that repeats.

The alert goes straight to Kafka, for the worker has no database: an attempt that is repeated repeats the event's id,
and consumers apply an id once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from opentelemetry.trace import SpanKind
from temporalio import activity

from kit import failpoints
from kit.clock import Clock
from kit.errors import DomainError, Kind, unavailable
from kit.kafka import Envelope
from kit.telemetry import span
from proto.events import SystemAlert
from proto.task.v1.task_pb2 import GetTaskClockRequest, TaskClock
from workflows.attempts import explained
from workflows.sla.ports import Alerts, TaskClocks
from workflows.sla.state import is_late, is_watched
from workflows.sla.types import Alert, AlertRequest, AlertResult, Reading, Rung, TaskChange, Terms

SOURCE = "worker"


class SlaActivities:
    """The activities of the SLA workflow."""

    def __init__(self, tasks: TaskClocks, alerts: Alerts, clock: Clock) -> None:
        self._tasks = tasks
        self._alerts = alerts
        self._clock = clock

    @activity.defn
    async def read_clock(self, workspace_id: str, task_id: str, version: int) -> TaskChange:
        """What the owner says now. Fails, to be repeated, while the owner knows less than `version`."""
        with explained():
            return self._change(await self._ask(workspace_id, task_id, version), version)

    @activity.defn
    async def read_terms(self, workspace_id: str, task_id: str, version: int, policy: int) -> Reading:
        """What the owner says now, with the terms of the project's policy, which is `policy` or a newer one."""
        with explained():
            told = await self._ask(workspace_id, task_id, version)
            if told is not None and told.sla.policy < policy:
                raise unavailable("The task's owner has not caught up with the policy yet.", policy=told.sla.policy)
            return Reading(self._change(told, version), self._terms(told))

    @activity.defn
    async def give_alert(self, request: AlertRequest) -> AlertResult:
        """Publishes an alert if the owner still says that the task is open and due at that time."""
        with explained(), span(f"give {request.alert}", kind=SpanKind.INTERNAL, parent=request.traceparent):
            told = await self._ask(request.workspace_id, request.task_id, request.version)
            current = self._change(told, request.version)
            terms = self._terms(told)
            due = is_watched(current) and current.due_at == request.due_at and _still_wanted(request, terms)
            if told is None or not due:
                return AlertResult(given=False, current=current, terms=terms)
            await self._publish(request, told)
            return AlertResult(given=True, current=current, terms=terms)

    async def _ask(self, workspace_id: str, task_id: str, version: int) -> TaskClock | None:
        try:
            told = await self._tasks.GetTaskClock(GetTaskClockRequest(task_id=task_id, workspace_id=workspace_id))
        except DomainError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        if told.version < version:
            raise unavailable("The task's owner has not caught up yet.", version=told.version)
        return told

    def _change(self, told: TaskClock | None, version: int) -> TaskChange:
        now = self._clock.now()
        if told is None:
            return TaskChange(version=version, due_at=None, open=False, deleted=True, known_at=now)
        due_at = _time(told.due_at) if told.HasField("due_at") else None
        return TaskChange(
            version=told.version,
            due_at=due_at,
            open=told.open,
            deleted=told.deleted,
            known_at=now,
            policy=told.sla.policy,
        )

    def _terms(self, told: TaskClock | None) -> Terms | None:
        if told is None or not told.HasField("sla"):
            return None
        sla = told.sla
        return Terms(
            policy=sla.policy,
            task_version=told.version,
            reminder_seconds=tuple(sla.reminder_seconds),
            ladder=tuple(Rung(step.after_seconds, step.repeat_seconds) for step in sla.ladder),
            breach_at=_time(sla.breach_at) if sla.HasField("breach_at") else None,
            paused=sla.paused,
            acknowledged=sla.acknowledged,
            known_at=self._clock.now(),
        )

    async def _publish(self, request: AlertRequest, told: TaskClock) -> None:
        now = self._clock.now()
        alert = SystemAlert(
            kind="sla.reminder" if request.alert is Alert.REMINDER else "sla.escalation",
            workspace_id=UUID(told.workspace_id),
            task_id=UUID(request.task_id),
            project_id=UUID(told.project_id),
            task_key=told.key,
            title=told.title,
            recipient_ids=_recipients(request, told),
            due_at=request.due_at,
            fired_at=now,
            late=is_late(request.scheduled_at, now),
            task_version=told.version,
        )
        event = Envelope.of(
            alert,
            source=SOURCE,
            subject=request.task_id,
            tenant=alert.workspace_id,
            time=now,
            event_id=UUID(request.event_id),
        )
        await self._alerts.publish([event])
        await failpoints.reach("alert.after_publish")


def _still_wanted(request: AlertRequest, terms: Terms | None) -> bool:
    """Whether the policy, by which the alert was planned, still asks for it."""
    if terms is None:
        return request.policy == 0
    if (request.policy, request.breach_at) != (terms.policy, terms.breach_at) or terms.paused:
        return False
    return request.alert is Alert.REMINDER or not terms.acknowledged


def _recipients(request: AlertRequest, told: TaskClock) -> tuple[UUID, ...]:
    """A reminder is for those who do the work, an escalation for whom the ladder says: by default the lead, who also
    stands in where nobody does the work."""
    lead = UUID(told.lead_id)
    if request.rung >= 0:
        return tuple(UUID(recipient) for recipient in told.sla.ladder[request.rung].recipient_ids)
    if request.alert is Alert.ESCALATION:
        return (lead,)
    return tuple(UUID(assignee) for assignee in told.assignee_ids) or (lead,)


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
