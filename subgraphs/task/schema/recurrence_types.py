"""The types of recurrences. Invariant: what a series will do comes from the same function that makes it do so."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.task.domain import recurrences as domain
from subgraphs.task.domain.recurrence_rules import Rule, RuleKind
from subgraphs.task.domain.recurrences import CatchUp, Outcome, Overlap, SeriesState
from subgraphs.task.errors import not_found
from subgraphs.task.schema.arguments import Info, read_id
from subgraphs.task.schema.durations import Duration
from subgraphs.task.schema.enums import Priority
from subgraphs.task.schema.fields import field

if TYPE_CHECKING:
    from subgraphs.task.schema.types import Project, Task, User

strawberry.enum(Overlap, description="What happens to an occurrence while the task of the one before is open.")
strawberry.enum(CatchUp, description="Which occurrences that could not be created in time are created later.")
strawberry.enum(SeriesState, name="RecurrenceState", description="Whether a recurrence goes on.")
strawberry.enum(Outcome, name="OccurrenceOutcome", description="What became of an occurrence.")

_TYPES = "subgraphs.task.schema.types"
Many = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]


@strawberry.type(description="When a recurrence happens: either a rule of RFC 5545 or a cron expression.")
class RecurrenceRule:
    rrule: str | None
    cron: str | None
    time_zone: str
    starts_at: datetime
    ends_at: datetime | None
    count: int | None
    exceptions: list[datetime]

    @classmethod
    def of(cls, rule: Rule) -> "RecurrenceRule":
        return cls(
            rrule=rule.text if rule.kind is RuleKind.RRULE else None,
            cron=rule.text if rule.kind is RuleKind.CRON else None,
            time_zone=rule.time_zone,
            starts_at=rule.starts_at,
            ends_at=rule.ends_at,
            count=rule.count,
            exceptions=sorted(rule.exceptions),
        )


@strawberry.type(description="What the tasks of a recurrence are made of.")
class TaskTemplate:
    title: str
    description: str
    priority: Priority
    assignee_ids: list[strawberry.ID]
    due_after: Duration | None = strawberry.field(description="From the occurrence to the task's deadline.")

    @classmethod
    def of(cls, template: domain.Template) -> "TaskTemplate":
        return cls(
            title=template.title,
            description=template.description,
            priority=template.priority,
            assignee_ids=[strawberry.ID(str(user_id)) for user_id in template.assignee_ids],
            due_after=_duration(template.due_after),
        )

    @field("The members who get the tasks; whoever leaves gets none any more.")
    def assignees(self) -> list[Annotated["User", strawberry.lazy(_TYPES)]]:
        from subgraphs.task.schema.types import User

        return [User(id=user_id) for user_id in self.assignee_ids]


@strawberry.type(description="One instant of a recurrence.")
class Occurrence:
    scheduled_at: datetime
    outcome: Outcome
    reason: str | None = strawberry.field(description="The code of the error that it failed with.")
    task_id: strawberry.ID | None

    @classmethod
    def of(cls, occurrence: domain.Occurrence) -> "Occurrence":
        return cls(
            scheduled_at=occurrence.scheduled_at,
            outcome=occurrence.outcome,
            reason=occurrence.reason,
            task_id=None if occurrence.task_id is None else strawberry.ID(str(occurrence.task_id)),
        )

    @strawberry.field
    async def task(self, info: Info) -> Annotated["Task", strawberry.lazy(_TYPES)] | None:
        from subgraphs.task.schema.types import Task, load_task

        return None if self.task_id is None else Task.of(await load_task(info, read_id("id", self.task_id)))


@strawberry.federation.type(keys=["id"], description="A series of recurring tasks.")
class Recurrence:
    id: strawberry.ID
    project_id: strawberry.ID
    rule: RecurrenceRule
    template: TaskTemplate
    overlap: Overlap
    catch_up: CatchUp
    catch_up_within: Duration = strawberry.field(description="How late an occurrence may still be created.")
    state: SeriesState
    version: int = strawberry.field(description="Counts up with every change; send it as `expectedVersion`.")
    created_at: datetime
    updated_at: datetime
    entity: strawberry.Private[domain.Series]

    @classmethod
    def of(cls, series: domain.Series) -> "Recurrence":
        return cls(
            id=strawberry.ID(str(series.id)),
            project_id=strawberry.ID(str(series.project_id)),
            rule=RecurrenceRule.of(series.rule),
            template=TaskTemplate.of(series.template),
            overlap=series.overlap,
            catch_up=series.catch_up,
            catch_up_within=Duration(series.catch_up_within),
            state=series.state,
            version=series.version,
            created_at=series.created_at,
            updated_at=series.updated_at,
            entity=series,
        )

    @strawberry.field
    async def project(self, info: Info) -> Annotated["Project", strawberry.lazy(_TYPES)]:
        from subgraphs.task.schema.types import Project, load_project

        return Project.of(await load_project(info, self.entity.project_id))

    @field("When it happens next; never while it is paused or after it has ended.")
    def next(self, info: Info, first: Many = 5) -> list[datetime]:
        return info.context.services.recurrences.coming(self.entity, first)

    @field("Its last occurrences and what became of them, newest first.")
    async def occurrences(self, info: Info, first: Many = 20) -> list[Occurrence]:
        request = info.context
        found = await request.services.recurrences.latest(request.viewer, [self.entity.id], first)
        return [Occurrence.of(one) for one in found[self.entity.id]]

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Recurrence":  # noqa: A002 - named by the key
        return cls.of(await load_recurrence(info, id))


async def load_recurrence(info: Info, recurrence_id: str) -> domain.Series:
    """Raises DomainError NOT_FOUND, the same for an id that is nobody's and for another tenant's."""
    series = await info.context.recurrences.load(read_id("id", recurrence_id))
    if series is None:
        raise not_found("recurrence")
    return series


def _duration(length: timedelta | None) -> Duration | None:
    return None if length is None else Duration(length)
