"""Mutations of labels."""

import strawberry

from subgraphs.task.domain.labels import LabelPatch
from subgraphs.task.schema.arguments import Info, acting, read_id, required
from subgraphs.task.schema.fields import mutation
from subgraphs.task.schema.types import Label


@strawberry.input
class LabelCreateInput:
    project_id: strawberry.ID
    name: str = strawberry.field(description="One line, 1 to 50 characters, once in a project.")
    color: str = strawberry.field(description="Such as #1f6feb.")


@strawberry.type
class LabelCreatePayload:
    label: Label


@strawberry.input
class LabelUpdateInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    color: str | None = strawberry.UNSET
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class LabelUpdatePayload:
    label: Label


@strawberry.input
class LabelDeleteInput:
    id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class LabelDeletePayload:
    label: Label


@strawberry.type
class LabelMutations:
    @mutation("Makes a label that the tasks of a project may carry.")
    async def label_create(self, info: Info, input: LabelCreateInput) -> LabelCreatePayload:  # noqa: A002
        label = await info.context.services.labels.create(
            acting(info), read_id("projectId", input.project_id), name=input.name, color=input.color
        )
        return LabelCreatePayload(label=Label.of(label))

    @strawberry.mutation
    async def label_update(self, info: Info, input: LabelUpdateInput) -> LabelUpdatePayload:  # noqa: A002
        patch = LabelPatch(name=required("name", input.name), color=required("color", input.color))
        label = await info.context.services.labels.update(
            acting(info), read_id("id", input.id), patch, expected_version=input.expected_version
        )
        return LabelUpdatePayload(label=Label.of(label))

    @mutation("Takes a label away, also from the tasks that carry it.")
    async def label_delete(self, info: Info, input: LabelDeleteInput) -> LabelDeletePayload:  # noqa: A002
        label = await info.context.services.labels.delete(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return LabelDeletePayload(label=Label.of(label))
