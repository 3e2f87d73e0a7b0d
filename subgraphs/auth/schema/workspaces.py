"""Owns `Workspace`: the tenant, for its members alone."""

from __future__ import annotations

from typing import Self
from uuid import UUID

import strawberry

from kit.graphql import Connection, connection, encode_cursor, page_request
from kit.ids import parse_id
from proto.permissions import Role
from subgraphs.auth.domain import workspaces as domain
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.context import Info, known_id
from subgraphs.auth.schema.memberships import WorkspaceMember, WorkspaceMemberRemoveInput, WorkspaceMemberUpdateInput
from subgraphs.auth.schema.paging import After, First, position

_MEMBERS = "members"
_MINE = "workspaces"


@strawberry.federation.type(keys=["id"], description="A team's space: everything else belongs to one.")
class Workspace:
    id: strawberry.ID
    name: str
    slug: str = strawberry.field(description="The name in addresses; no other workspace has it.")

    @strawberry.field(description="The people in it, in the order in which they joined.")
    async def members(self, info: Info, first: First = None, after: After = None) -> Connection[WorkspaceMember]:
        page = page_request(first, after)
        members, more = await info.context.use.members.page(
            info.context.user_id(),
            WorkspaceId(UUID(self.id)),
            first=page.first,
            after=_membership(_MEMBERS, page.after),
        )
        return connection(members, node=WorkspaceMember.of, cursor=_cursor, has_more=more, after=page.after)

    @classmethod
    def of(cls, workspace: domain.Workspace) -> Self:
        return cls(id=strawberry.ID(str(workspace.id)), name=workspace.name, slug=workspace.slug)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:  # noqa: A002  # the key's name
        return await cls.load(info, id)

    @classmethod
    async def load(cls, info: Info, text: str) -> Self | None:
        """The workspace with an id, or None: unknown and not a member are one answer."""
        workspace_id = parse_id(text)
        found = None if workspace_id is None else await info.context.workspaces.load(WorkspaceId(workspace_id))
        return None if found is None else cls.of(found)


def _cursor(membership: Membership) -> str:
    return encode_cursor(_MEMBERS, str(membership.id))


@strawberry.input(description="Founds a workspace; its founder is its owner.")
class WorkspaceCreateInput:
    name: str
    slug: str | None = strawberry.field(default=None, description="Made from the name when not given.")


@strawberry.type
class WorkspaceCreatePayload:
    workspace: Workspace


@strawberry.type
class WorkspaceMemberUpdatePayload:
    workspace: Workspace
    member: WorkspaceMember


@strawberry.type
class WorkspaceMemberRemovePayload:
    workspace_id: strawberry.ID
    user_id: strawberry.ID


@strawberry.type
class WorkspaceQueries:
    @strawberry.field(description="A workspace that the caller is a member of.")
    async def workspace(self, info: Info, id: strawberry.ID) -> Workspace | None:  # noqa: A002  # the API's name
        return await Workspace.load(info, id)

    @strawberry.field(description="The workspaces of the caller, in the order of joining.")
    async def workspaces(self, info: Info, first: First = None, after: After = None) -> Connection[Workspace]:
        page = page_request(first, after)
        mine, more = await info.context.use.tenants.mine(
            info.context.user_id(), first=page.first, after=_membership(_MINE, page.after)
        )
        return connection(
            mine,
            node=lambda one: Workspace.of(one.workspace),
            cursor=lambda one: encode_cursor(_MINE, str(one.membership.id)),
            has_more=more,
            after=page.after,
        )


@strawberry.type
class WorkspaceMutations:
    @strawberry.mutation(description="Founds a workspace.")
    async def workspace_create(
        self,
        info: Info,
        input: WorkspaceCreateInput,  # noqa: A002  # the API's name
    ) -> WorkspaceCreatePayload:
        workspace = await info.context.use.tenants.create(info.context.user_id(), input.name, input.slug)
        return WorkspaceCreatePayload(workspace=Workspace.of(workspace))

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


async def _change(info: Info, workspace_text: str, user_text: str, role: Role | None) -> tuple[Workspace, Membership]:
    actor = info.context.user_id()
    workspace_id = WorkspaceId(known_id("workspace", workspace_text))
    user_id = UserId(known_id("member", user_text))
    workspace, member = await info.context.use.members.change(actor, workspace_id, user_id, role)
    return Workspace.of(workspace), member


def _membership(list_name: str, cursor: str | None) -> MembershipId | None:
    behind = position(list_name, cursor)
    return None if behind is None else MembershipId(behind)
