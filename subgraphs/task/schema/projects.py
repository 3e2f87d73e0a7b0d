"""Queries and mutations of projects."""

import strawberry

from subgraphs.task.domain.projects import ProjectDraft, ProjectPatch
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.schema.arguments import Info, read_id, required
from subgraphs.task.schema.fields import field
from subgraphs.task.schema.types import Project, load_project


@strawberry.type
class ProjectQueries:
    @field("A project of one of your workspaces.")
    async def project(self, info: Info, id: strawberry.ID) -> Project | None:  # noqa: A002 - the API's name
        return Project.of(await load_project(info, read_id("id", id)))


@strawberry.input
class ProjectCreateInput:
    workspace_id: strawberry.ID
    key: str = strawberry.field(description="1 to 10 letters or digits, first a letter; never changes.")
    name: str
    description: str = ""
    lead_id: strawberry.ID | None = strawberry.field(default=None, description="You, when absent.")


@strawberry.type
class ProjectCreatePayload:
    project: Project


@strawberry.input
class ProjectUpdateInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    lead_id: strawberry.ID | None = strawberry.UNSET
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class ProjectUpdatePayload:
    project: Project


@strawberry.type
class ProjectMutations:
    @strawberry.mutation
    async def project_create(self, info: Info, input: ProjectCreateInput) -> ProjectCreatePayload:  # noqa: A002
        draft = ProjectDraft(
            workspace_id=read_id("workspaceId", input.workspace_id),
            key=input.key,
            name=input.name,
            description=input.description,
            lead_id=None if input.lead_id is None else read_id("leadId", input.lead_id),
        )
        project = await info.context.services.projects.create(info.context.viewer, draft)
        return ProjectCreatePayload(project=Project.of(project))

    @strawberry.mutation
    async def project_update(self, info: Info, input: ProjectUpdateInput) -> ProjectUpdatePayload:  # noqa: A002
        lead_id = required("leadId", input.lead_id)
        patch = ProjectPatch(
            name=required("name", input.name),
            description=required("description", input.description),
            lead_id=UNSET if lead_id is UNSET else read_id("leadId", lead_id),
        )
        project = await info.context.services.projects.update(
            info.context.viewer, read_id("id", input.id), patch, expected_version=input.expected_version
        )
        return ProjectUpdatePayload(project=Project.of(project))
