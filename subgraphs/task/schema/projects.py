"""Queries and mutations of projects."""

import strawberry

from subgraphs.task.domain.projects import ProjectDraft, ProjectPatch
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.schema.arguments import Info, acting, read_id, read_ids, required
from subgraphs.task.schema.enums import Visibility
from subgraphs.task.schema.fields import field, mutation
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
    visibility: Visibility = Visibility.WORKSPACE
    member_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Its own people beside you and the lead; they matter when it is private."
    )


@strawberry.type
class ProjectCreatePayload:
    project: Project


@strawberry.input
class ProjectUpdateInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    lead_id: strawberry.ID | None = strawberry.UNSET
    visibility: Visibility | None = strawberry.UNSET
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class ProjectUpdatePayload:
    project: Project


@strawberry.input
class _Turn:
    """Which project: all that archiving, deleting and their opposites need."""

    id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.input
class _People:
    """Which people of which project."""

    id: strawberry.ID
    user_ids: list[strawberry.ID]
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.input
class ProjectArchiveInput(_Turn):
    pass


@strawberry.type
class ProjectArchivePayload:
    project: Project


@strawberry.input
class ProjectUnarchiveInput(_Turn):
    pass


@strawberry.type
class ProjectUnarchivePayload:
    project: Project


@strawberry.input
class ProjectDeleteInput(_Turn):
    pass


@strawberry.type
class ProjectDeletePayload:
    project: Project


@strawberry.input
class ProjectRestoreInput(_Turn):
    pass


@strawberry.type
class ProjectRestorePayload:
    project: Project


@strawberry.input
class ProjectMemberAddInput(_People):
    pass


@strawberry.type
class ProjectMemberAddPayload:
    project: Project


@strawberry.input
class ProjectMemberRemoveInput(_People):
    pass


@strawberry.type
class ProjectMemberRemovePayload:
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
            visibility=input.visibility,
            member_ids=read_ids("memberIds", input.member_ids),
        )
        project = await info.context.services.projects.create(acting(info), draft)
        return ProjectCreatePayload(project=Project.of(project))

    @strawberry.mutation
    async def project_update(self, info: Info, input: ProjectUpdateInput) -> ProjectUpdatePayload:  # noqa: A002
        lead_id = required("leadId", input.lead_id)
        patch = ProjectPatch(
            name=required("name", input.name),
            description=required("description", input.description),
            lead_id=UNSET if lead_id is UNSET else read_id("leadId", lead_id),
            visibility=required("visibility", input.visibility),
        )
        project = await info.context.services.projects.update(
            acting(info), read_id("id", input.id), patch, expected_version=input.expected_version
        )
        return ProjectUpdatePayload(project=Project.of(project))

    @mutation("Closes a project for changes and takes it out of the usual lists.")
    async def project_archive(self, info: Info, input: ProjectArchiveInput) -> ProjectArchivePayload:  # noqa: A002
        project = await info.context.services.projects.archive(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return ProjectArchivePayload(project=Project.of(project))

    @mutation("Opens an archived project again.")
    async def project_unarchive(self, info: Info, input: ProjectUnarchiveInput) -> ProjectUnarchivePayload:  # noqa: A002
        project = await info.context.services.projects.unarchive(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return ProjectUnarchivePayload(project=Project.of(project))

    @mutation("Hides a project with its tasks; `projectRestore` brings it back.")
    async def project_delete(self, info: Info, input: ProjectDeleteInput) -> ProjectDeletePayload:  # noqa: A002
        project = await info.context.services.projects.delete(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return ProjectDeletePayload(project=Project.of(project))

    @mutation("Brings a deleted project back as it was.")
    async def project_restore(self, info: Info, input: ProjectRestoreInput) -> ProjectRestorePayload:  # noqa: A002
        project = await info.context.services.projects.restore(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return ProjectRestorePayload(project=Project.of(project))

    @mutation("Lets people into a project; it matters when the project is private.")
    async def project_member_add(self, info: Info, input: ProjectMemberAddInput) -> ProjectMemberAddPayload:  # noqa: A002
        project = await info.context.services.projects.add_members(
            acting(info),
            read_id("id", input.id),
            read_ids("userIds", input.user_ids),
            expected_version=input.expected_version,
        )
        return ProjectMemberAddPayload(project=Project.of(project))

    @mutation("Takes people out of a project; anybody may take themself out, but not the lead.")
    async def project_member_remove(self, info: Info, input: ProjectMemberRemoveInput) -> ProjectMemberRemovePayload:  # noqa: A002
        project = await info.context.services.projects.remove_members(
            acting(info),
            read_id("id", input.id),
            read_ids("userIds", input.user_ids),
            expected_version=input.expected_version,
        )
        return ProjectMemberRemovePayload(project=Project.of(project))
