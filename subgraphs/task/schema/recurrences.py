"""Queries and mutations of recurrences."""

from datetime import datetime

import strawberry

from subgraphs.task.domain.recurrence_rules import RuleDraft
from subgraphs.task.domain.recurrences import (
    LOOKED_BACK,
    CatchUp,
    Overlap,
    Series,
    SeriesDraft,
    SeriesPatch,
    SeriesState,
    Template,
)
from subgraphs.task.domain.tasks import Priority
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.schema.arguments import Info, acting, read_id, read_ids, required
from subgraphs.task.schema.durations import Duration
from subgraphs.task.schema.fields import field, mutation
from subgraphs.task.schema.recurrence_types import Many, Recurrence, load_recurrence


@strawberry.input(description="One of `rrule` and `cron`, in a time zone; occurrences are five minutes apart or more.")
class RecurrenceRuleInput:
    time_zone: str = strawberry.field(description="An IANA name, such as Europe/Berlin.")
    rrule: str | None = strawberry.field(default=None, description="RFC 5545, such as FREQ=MONTHLY;BYDAY=-1FR.")
    cron: str | None = strawberry.field(default=None, description="Five fields, such as 0 9 * * MON-FRI.")
    starts_at: datetime | None = strawberry.field(default=None, description="Now, when absent.")
    ends_at: datetime | None = strawberry.field(default=None, description="The last moment that belongs to it.")
    count: int | None = strawberry.field(default=None, description="How many occurrences in all, 1 to 1000.")
    exceptions: list[datetime] = strawberry.field(default_factory=list, description="Instants that are left out.")

    def draft(self) -> RuleDraft:
        return RuleDraft(
            time_zone=self.time_zone,
            rrule=self.rrule,
            cron=self.cron,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            count=self.count,
            exceptions=self.exceptions,
        )


@strawberry.input(description="What each task is made of.")
class TaskTemplateInput:
    title: str
    description: str = ""
    priority: Priority = Priority.NONE
    assignee_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Members.")
    due_after: Duration | None = strawberry.field(default=None, description="From the occurrence to the deadline.")

    def template(self) -> Template:
        return Template(
            title=self.title,
            description=self.description,
            priority=self.priority,
            assignee_ids=read_ids("assigneeIds", self.assignee_ids),
            due_after=self.due_after,
        )


@strawberry.input
class RecurrenceCreateInput:
    project_id: strawberry.ID
    rule: RecurrenceRuleInput
    template: TaskTemplateInput
    overlap: Overlap = Overlap.ALLOW
    catch_up: CatchUp = CatchUp.ALL
    catch_up_within: Duration = strawberry.field(
        default=Duration(LOOKED_BACK), description="How late an occurrence may still be created: PT1M to P90D."
    )


@strawberry.input
class RecurrenceUpdateInput:
    id: strawberry.ID
    rule: RecurrenceRuleInput | None = strawberry.UNSET
    template: TaskTemplateInput | None = strawberry.UNSET
    overlap: Overlap | None = strawberry.UNSET
    catch_up: CatchUp | None = strawberry.UNSET
    catch_up_within: Duration | None = strawberry.UNSET
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.input
class RecurrencePauseInput:
    id: strawberry.ID
    expected_version: int | None = None


@strawberry.input
class RecurrenceResumeInput:
    id: strawberry.ID
    expected_version: int | None = None


@strawberry.input
class RecurrenceEndInput:
    id: strawberry.ID
    expected_version: int | None = None


@strawberry.type
class RecurrenceCreatePayload:
    recurrence: Recurrence


@strawberry.type
class RecurrenceUpdatePayload:
    recurrence: Recurrence


@strawberry.type
class RecurrencePausePayload:
    recurrence: Recurrence


@strawberry.type
class RecurrenceResumePayload:
    recurrence: Recurrence


@strawberry.type
class RecurrenceEndPayload:
    recurrence: Recurrence


@strawberry.type
class RecurrenceQueries:
    @field("A recurrence of one of your projects.")
    async def recurrence(self, info: Info, id: strawberry.ID) -> Recurrence | None:  # noqa: A002 - the API's name
        return Recurrence.of(await load_recurrence(info, id))

    @field("When a rule would happen next, without storing anything.")
    def recurrence_preview(
        self, info: Info, rule: RecurrenceRuleInput, first: Many = 10, after: datetime | None = None
    ) -> list[datetime]:
        request = info.context
        _ = request.viewer  # for people alone
        return request.services.recurrences.preview(rule.draft(), first, after)


@strawberry.type
class RecurrenceMutations:
    @mutation("Tasks that come again and again, made from a template.")
    async def recurrence_create(self, info: Info, input: RecurrenceCreateInput) -> RecurrenceCreatePayload:  # noqa: A002
        draft = SeriesDraft(
            project_id=read_id("projectId", input.project_id),
            rule=input.rule.draft(),
            template=input.template.template(),
            overlap=input.overlap,
            catch_up=input.catch_up,
            catch_up_within=input.catch_up_within,
        )
        series = await info.context.services.recurrences.create(acting(info), draft)
        return RecurrenceCreatePayload(recurrence=Recurrence.of(series))

    @mutation("Changes what comes; what was due before stays as it was decided.")
    async def recurrence_update(self, info: Info, input: RecurrenceUpdateInput) -> RecurrenceUpdatePayload:  # noqa: A002
        rule, template = required("rule", input.rule), required("template", input.template)
        patch = SeriesPatch(
            rule=UNSET if rule is UNSET else rule.draft(),
            template=UNSET if template is UNSET else template.template(),
            overlap=required("overlap", input.overlap),
            catch_up=required("catchUp", input.catch_up),
            catch_up_within=required("catchUpWithin", input.catch_up_within),
        )
        series = await info.context.services.recurrences.update(
            acting(info), read_id("id", input.id), patch, expected_version=input.expected_version
        )
        return RecurrenceUpdatePayload(recurrence=Recurrence.of(series))

    @mutation("Stops it for a while; what comes due meanwhile is left out.")
    async def recurrence_pause(self, info: Info, input: RecurrencePauseInput) -> RecurrencePausePayload:  # noqa: A002
        return RecurrencePausePayload(recurrence=Recurrence.of(await _turn(info, input, SeriesState.PAUSED)))

    @mutation("Lets a paused one go on from now.")
    async def recurrence_resume(self, info: Info, input: RecurrenceResumeInput) -> RecurrenceResumePayload:  # noqa: A002
        return RecurrenceResumePayload(recurrence=Recurrence.of(await _turn(info, input, SeriesState.ACTIVE)))

    @mutation("Ends it for good; its tasks stay.")
    async def recurrence_end(self, info: Info, input: RecurrenceEndInput) -> RecurrenceEndPayload:  # noqa: A002
        return RecurrenceEndPayload(recurrence=Recurrence.of(await _turn(info, input, SeriesState.ENDED)))


async def _turn(
    info: Info, named: RecurrencePauseInput | RecurrenceResumeInput | RecurrenceEndInput, state: SeriesState
) -> Series:
    return await info.context.services.recurrences.turn(
        acting(info), read_id("id", named.id), state, expected_version=named.expected_version
    )
