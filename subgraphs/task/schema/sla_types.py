"""The types of SLA policies and clocks. Invariant: a clock is shown as its workflow follows it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.task.domain import sla as domain
from subgraphs.task.domain import sla_clock
from subgraphs.task.domain.sla import Recipient
from subgraphs.task.domain.sla_clock import SlaEventKind, SlaState
from subgraphs.task.schema.durations import Duration
from subgraphs.task.schema.enums import StatusCategory
from subgraphs.task.schema.fields import field

if TYPE_CHECKING:
    from subgraphs.task.schema.types import User

strawberry.enum(Recipient, name="SlaRecipient", description="Whom a step tells, by what they are.")
strawberry.enum(SlaState, description="How a task stands with its deadline.")
strawberry.enum(SlaEventKind, description="What happened to a clock.")

_USER = strawberry.lazy("subgraphs.task.schema.types")


@strawberry.type(description="One step of the ladder that a breached task climbs.")
class SlaStep:
    recipients: list[Recipient]
    user_ids: list[strawberry.ID]
    after: Duration = strawberry.field(description="From the breach.")
    repeat_every: Duration | None = strawberry.field(description="Again and again, until somebody acknowledges.")

    @classmethod
    def of(cls, step: domain.Step) -> "SlaStep":
        return cls(
            recipients=list(step.recipients),
            user_ids=[strawberry.ID(str(user_id)) for user_id in step.user_ids],
            after=Duration(step.after),
            repeat_every=None if step.repeat_every is None else Duration(step.repeat_every),
        )

    @field("The people whom it names.")
    def users(self) -> list[Annotated["User", _USER]]:
        return _users(self.user_ids)


@strawberry.type(description="A version of a project's SLA policy.")
class SlaPolicy:
    version: int = strawberry.field(description="0 where nobody has set a policy: the default holds.")
    reminders: list[Duration] = strawberry.field(description="Before the breach, the earliest first.")
    ladder: list[SlaStep]
    pause_categories: list[StatusCategory] = strawberry.field(description="Where the clock stops.")
    pause_statuses: list[str] = strawberry.field(description="States in which the clock stops.")
    set_at: datetime | None
    policy: strawberry.Private[domain.Policy]

    @classmethod
    def of(cls, policy: domain.Policy) -> "SlaPolicy":
        terms = policy.terms
        return cls(
            version=policy.version,
            reminders=[Duration(reminder) for reminder in terms.reminders],
            ladder=[SlaStep.of(step) for step in terms.ladder],
            pause_categories=list(terms.pause_categories),
            pause_statuses=[status.name for status in terms.pause_statuses],
            set_at=policy.set_at,
            policy=policy,
        )

    @strawberry.field
    def set_by(self) -> Annotated["User", _USER] | None:
        return None if self.policy.set_by is None else _users([strawberry.ID(str(self.policy.set_by))])[0]


@strawberry.type(description="Something that happened to a clock.")
class SlaEvent:
    at: datetime
    kind: SlaEventKind
    late: bool = strawberry.field(description="Whether it came noticeably after it was due.")
    user_ids: strawberry.Private[list[strawberry.ID]]

    @classmethod
    def of(cls, event: sla_clock.SlaEvent) -> "SlaEvent":
        user_ids = [strawberry.ID(str(user_id)) for user_id in event.user_ids]
        return cls(at=event.at, kind=event.kind, late=event.late, user_ids=user_ids)

    @field("Who was told, or who acknowledged.")
    def users(self) -> list[Annotated["User", _USER]]:
        return _users(self.user_ids)


@strawberry.type(description="The clock of a task with a deadline.")
class TaskSla:
    state: SlaState
    due_at: datetime
    breach_at: datetime | None = strawberry.field(
        description="The deadline moved by the time paused; none while it is paused."
    )
    remaining: Duration = strawberry.field(description="Until the breach; negative after it.")
    paused_for: Duration
    acknowledged: bool
    history: list[SlaEvent] = strawberry.field(description="Since the deadline was set, oldest first.")
    policy: SlaPolicy

    @classmethod
    def of(cls, clock: sla_clock.Clock, policy: domain.Policy) -> "TaskSla":
        return cls(
            state=clock.state,
            due_at=clock.due_at,
            breach_at=None if clock.paused else clock.breach_at,
            remaining=Duration(clock.remaining),
            paused_for=Duration(clock.paused_for),
            acknowledged=clock.acknowledged,
            history=[SlaEvent.of(event) for event in clock.history],
            policy=SlaPolicy.of(policy),
        )


def _users(user_ids: list[strawberry.ID]) -> list["User"]:
    from subgraphs.task.schema.types import User

    return [User(id=user_id) for user_id in user_ids]
