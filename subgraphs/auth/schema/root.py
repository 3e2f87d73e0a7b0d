"""Owns the root fields of the auth subgraph, and its schema."""

from __future__ import annotations

import strawberry

from kit.graphql import Connection, SubgraphSchema, connection, encode_cursor, page_request
from proto.permissions import Role
from subgraphs.auth.domain.memberships import Membership
from subgraphs.auth.domain.sessions import Ending, Session, SessionId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.context import Info, known_id
from subgraphs.auth.schema.invitations import (
    InvitationAcceptInput,
    InvitationAcceptPayload,
    WorkspaceInvitation,
    WorkspaceInviteInput,
    WorkspaceInvitePayload,
)
from subgraphs.auth.schema.memberships import WorkspaceMember, WorkspaceMemberRemoveInput, WorkspaceMemberUpdateInput
from subgraphs.auth.schema.sessions import (
    LoginInput,
    LoginPayload,
    LogoutInput,
    LogoutPayload,
    RefreshInput,
    RefreshPayload,
    RegisterInput,
    RegisterPayload,
)
from subgraphs.auth.schema.users import User
from subgraphs.auth.schema.workspaces import (
    After,
    First,
    Workspace,
    WorkspaceCreateInput,
    WorkspaceCreatePayload,
    WorkspaceMemberRemovePayload,
    WorkspaceMemberUpdatePayload,
    position,
)
from subgraphs.auth.service.users import VisibleUser
from subgraphs.auth.service.workspaces import MyWorkspace

_MINE = "workspaces"


@strawberry.type
class Query:
    @strawberry.field(description="The person logged in; null for nobody.")
    async def me(self, info: Info) -> User | None:
        viewer = info.context.viewer
        return None if viewer is None else await User.load(info, str(viewer))

    @strawberry.field(description="A workspace that the caller is a member of.")
    async def workspace(self, info: Info, id: strawberry.ID) -> Workspace | None:  # noqa: A002  # the API's name
        return await Workspace.load(info, id)

    @strawberry.field(description="The workspaces of the caller, in the order of joining.")
    async def workspaces(self, info: Info, first: First = None, after: After = None) -> Connection[Workspace]:
        page = page_request(first, after)
        mine, more = await info.context.use.tenants.mine(
            info.context.user_id(), first=page.first, after=position(_MINE, page.after)
        )
        return connection(mine, node=_workspace, cursor=_cursor, has_more=more, after=page.after)


def _workspace(mine: MyWorkspace) -> Workspace:
    return Workspace.of(mine.workspace)


def _cursor(mine: MyWorkspace) -> str:
    return encode_cursor(_MINE, str(mine.membership.id))


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Creates an account, and joins the workspace of an invitation.")
    async def register(self, info: Info, input: RegisterInput) -> RegisterPayload:  # noqa: A002  # the API's name
        context = info.context
        user, workspace = await context.use.accounts.register(input.registration(), context.address)
        return RegisterPayload(
            user=User.of(VisibleUser(user=user, shows_email=True)),
            workspace=None if workspace is None else Workspace.of(workspace),
        )

    @strawberry.mutation(description="Opens a session.")
    async def login(self, info: Info, input: LoginInput) -> LoginPayload:  # noqa: A002  # the API's name
        context = info.context
        return LoginPayload.of(await context.use.logins.login(input.email, input.password, context.address))

    @strawberry.mutation(description="Goes on with a session: new tokens for a refresh token.")
    async def refresh(self, info: Info, input: RefreshInput) -> RefreshPayload:  # noqa: A002  # the API's name
        return RefreshPayload.of(await info.context.use.logins.refresh(input.refresh_token))

    @strawberry.mutation(description="Ends sessions at once, everywhere.")
    async def logout(self, info: Info, input: LogoutInput) -> LogoutPayload:  # noqa: A002  # the API's name
        ended = await _logout(info, input)
        return LogoutPayload(session_ids=[strawberry.ID(str(session.id)) for session in ended])

    @strawberry.mutation(description="Founds a workspace.")
    async def workspace_create(
        self,
        info: Info,
        input: WorkspaceCreateInput,  # noqa: A002  # the API's name
    ) -> WorkspaceCreatePayload:
        workspace = await info.context.use.tenants.create(info.context.user_id(), input.name, input.slug)
        return WorkspaceCreatePayload(workspace=Workspace.of(workspace))

    @strawberry.mutation(description="Invites someone by e-mail.")
    async def workspace_invite(
        self,
        info: Info,
        input: WorkspaceInviteInput,  # noqa: A002  # the API's name
    ) -> WorkspaceInvitePayload:
        actor = info.context.user_id()
        workspace_id = WorkspaceId(known_id("workspace", input.workspace_id))
        invitation = await info.context.use.inviting.invite(actor, workspace_id, input.email, input.role)
        return WorkspaceInvitePayload(invitation=WorkspaceInvitation.of(invitation))

    @strawberry.mutation(description="Joins the workspace that one was invited to.")
    async def invitation_accept(
        self,
        info: Info,
        input: InvitationAcceptInput,  # noqa: A002  # the API's name
    ) -> InvitationAcceptPayload:
        workspace = await info.context.use.inviting.accept(info.context.user_id(), input.token)
        return InvitationAcceptPayload(workspace=Workspace.of(workspace))

    @strawberry.mutation(description="Changes what a member is.")
    async def workspace_member_update(
        self,
        info: Info,
        input: WorkspaceMemberUpdateInput,  # noqa: A002  # the API's name
    ) -> WorkspaceMemberUpdatePayload:
        workspace, member = await _change(info, input.workspace_id, input.user_id, input.role)
        return WorkspaceMemberUpdatePayload(workspace=workspace, member=WorkspaceMember.of(member))

    @strawberry.mutation(description="Removes a member, or oneself.")
    async def workspace_member_remove(
        self,
        info: Info,
        input: WorkspaceMemberRemoveInput,  # noqa: A002  # the API's name
    ) -> WorkspaceMemberRemovePayload:
        workspace, member = await _change(info, input.workspace_id, input.user_id, None)
        return WorkspaceMemberRemovePayload(workspace_id=workspace.id, user_id=strawberry.ID(str(member.user_id)))


async def _logout(info: Info, asked: LogoutInput) -> list[Session]:
    logins = info.context.use.logins
    if asked.everywhere:
        return await logins.logout_everywhere(info.context.user_id())
    if asked.refresh_token is not None:
        return [await logins.logout(asked.refresh_token)]
    return [await logins.end(SessionId(info.context.actor().session_id), Ending.LOGOUT)]


async def _change(info: Info, workspace_text: str, user_text: str, role: Role | None) -> tuple[Workspace, Membership]:
    actor = info.context.user_id()
    workspace_id = WorkspaceId(known_id("workspace", workspace_text))
    user_id = UserId(known_id("member", user_text))
    workspace, member = await info.context.use.members.change(actor, workspace_id, user_id, role)
    return Workspace.of(workspace), member


def build_schema() -> SubgraphSchema:
    return SubgraphSchema(query=Query, mutation=Mutation, types=[User, Workspace])
