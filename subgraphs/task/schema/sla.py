"""Mutations of SLA policies and clocks."""

import strawberry

from subgraphs.task.domain.projects import StatusCategory
from subgraphs.task.domain.sla import Recipient, Step, TermsDraft
from subgraphs.task.schema.arguments import Info, acting, read_id, read_ids
from subgraphs.task.schema.durations import Duration
from subgraphs.task.schema.fields import mutation
from subgraphs.task.schema.sla_types import SlaPolicy
from subgraphs.task.schema.types import Task


@strawberry.input(description="One step of the ladder; it tells somebody.")
class SlaStepInput:
    recipients: list[Recipient] = strawberry.field(default_factory=list)
    user_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Members.")
    after: Duration = strawberry.field(description="From the breach: PT0S to P90D.")
    repeat_every: Duration | None = strawberry.field(
        default=None, description="PT5M to P90D: again and again, until somebody acknowledges."
    )

    def step(self) -> Step:
        return Step(
            recipients=tuple(self.recipients),
            user_ids=read_ids("userIds", self.user_ids),
            after=self.after,
            repeat_every=self.repeat_every,
        )


@strawberry.input
class SlaPolicySetInput:
    project_id: strawberry.ID
    reminders: list[Duration] = strawberry.field(description="Before the breach: PT1M to P90D, at most ten.")
    ladder: list[SlaStepInput]
    pause_categories: list[StatusCategory] = strawberry.field(default_factory=list)
    pause_statuses: list[str] = strawberry.field(default_factory=list, description="Names of the project's states.")
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.input
class SlaPolicyResetInput:
    project_id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.input
class TaskSlaAcknowledgeInput:
    id: strawberry.ID


@strawberry.type
class SlaPolicySetPayload:
    policy: SlaPolicy


@strawberry.type
class SlaPolicyResetPayload:
    policy: SlaPolicy


@strawberry.type
class TaskSlaAcknowledgePayload:
    task: Task


@strawberry.type
class SlaMutations:
    @mutation("Another SLA policy for a project; it holds for its running clocks too.")
    async def sla_policy_set(self, info: Info, input: SlaPolicySetInput) -> SlaPolicySetPayload:  # noqa: A002
        draft = TermsDraft(
            reminders=input.reminders,
            ladder=[step.step() for step in input.ladder],
            pause_categories=input.pause_categories,
            pause_statuses=input.pause_statuses,
        )
        policy = await info.context.services.sla.set_policy(
            acting(info), read_id("projectId", input.project_id), draft, expected_version=input.expected_version
        )
        return SlaPolicySetPayload(policy=SlaPolicy.of(policy))

    @mutation("The default policy again: a reminder a day before the deadline, an escalation when it has passed.")
    async def sla_policy_reset(self, info: Info, input: SlaPolicyResetInput) -> SlaPolicyResetPayload:  # noqa: A002
        policy = await info.context.services.sla.set_policy(
            acting(info), read_id("projectId", input.project_id), None, expected_version=input.expected_version
        )
        return SlaPolicyResetPayload(policy=SlaPolicy.of(policy))

    @mutation("Takes over after a breach: nobody is told about it any more.")
    async def task_sla_acknowledge(
        self,
        info: Info,
        input: TaskSlaAcknowledgeInput,  # noqa: A002
    ) -> TaskSlaAcknowledgePayload:
        task = await info.context.services.sla.acknowledge(acting(info), read_id("id", input.id))
        return TaskSlaAcknowledgePayload(task=Task.of(task))
