"""Mutations of a project's workflow; each answers with the project."""

import strawberry

from subgraphs.task.domain.unset import UNSET
from subgraphs.task.domain.workflow import StatusDraft
from subgraphs.task.schema.arguments import Info, acting, read_id, read_ids, required
from subgraphs.task.schema.enums import StatusCategory
from subgraphs.task.schema.fields import mutation
from subgraphs.task.schema.types import Project


@strawberry.input
class ProjectStatusAddInput:
    project_id: strawberry.ID
    name: str = strawberry.field(description="One line, 1 to 50 characters, once in a project.")
    category: StatusCategory = strawberry.field(description="It stays for life.")
    after_id: strawberry.ID | None = strawberry.field(default=None, description="Behind this state; else the last.")
    expected_version: int | None = strawberry.field(default=None, description="The project's version.")


@strawberry.type
class ProjectStatusAddPayload:
    project: Project


@strawberry.input
class ProjectStatusUpdateInput:
    project_id: strawberry.ID
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    is_default: bool = strawberry.field(default=False, description="True: new tasks begin here.")
    expected_version: int | None = strawberry.field(default=None, description="The project's version.")


@strawberry.type
class ProjectStatusUpdatePayload:
    project: Project


@strawberry.input
class ProjectStatusReorderInput:
    project_id: strawberry.ID
    status_ids: list[strawberry.ID] = strawberry.field(description="Each state of the project once, in the new order.")
    expected_version: int | None = strawberry.field(default=None, description="The project's version.")


@strawberry.type
class ProjectStatusReorderPayload:
    project: Project


@strawberry.input
class ProjectStatusDeleteInput:
    project_id: strawberry.ID
    id: strawberry.ID
    move_to_id: strawberry.ID = strawberry.field(description="The state that its tasks move to.")
    expected_version: int | None = strawberry.field(default=None, description="The project's version.")


@strawberry.type
class ProjectStatusDeletePayload:
    project: Project


@strawberry.type
class WorkflowMutations:
    @strawberry.mutation
    async def project_status_add(self, info: Info, input: ProjectStatusAddInput) -> ProjectStatusAddPayload:  # noqa: A002
        after_id = None if input.after_id is None else read_id("afterId", input.after_id)
        project = await info.context.services.workflow.add(
            acting(info),
            read_id("projectId", input.project_id),
            StatusDraft(name=input.name, category=input.category, after_id=after_id),
            expected_version=input.expected_version,
        )
        return ProjectStatusAddPayload(project=Project.of(project))

    @mutation("Renames a state, or makes it the one in which new tasks begin.")
    async def project_status_update(
        self,
        info: Info,
        input: ProjectStatusUpdateInput,  # noqa: A002
    ) -> ProjectStatusUpdatePayload:
        name = required("name", input.name)
        project = await info.context.services.workflow.change(
            acting(info),
            read_id("projectId", input.project_id),
            read_id("id", input.id),
            name=None if name is UNSET else name,
            default=input.is_default,
            expected_version=input.expected_version,
        )
        return ProjectStatusUpdatePayload(project=Project.of(project))

    @strawberry.mutation
    async def project_status_reorder(
        self,
        info: Info,
        input: ProjectStatusReorderInput,  # noqa: A002
    ) -> ProjectStatusReorderPayload:
        project = await info.context.services.workflow.reorder(
            acting(info),
            read_id("projectId", input.project_id),
            read_ids("statusIds", input.status_ids),
            expected_version=input.expected_version,
        )
        return ProjectStatusReorderPayload(project=Project.of(project))

    @mutation("Takes a state away; its tasks, at most 1,000, move to another one.")
    async def project_status_delete(
        self,
        info: Info,
        input: ProjectStatusDeleteInput,  # noqa: A002
    ) -> ProjectStatusDeletePayload:
        project = await info.context.services.workflow.remove(
            acting(info),
            read_id("projectId", input.project_id),
            read_id("id", input.id),
            read_id("moveToId", input.move_to_id),
            expected_version=input.expected_version,
        )
        return ProjectStatusDeletePayload(project=Project.of(project))
