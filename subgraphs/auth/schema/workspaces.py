"""Owns `Workspace`: the tenant, for its members alone, and what is done with it and in it."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from kit.graphql import Connection, connection, encode_cursor, page_request
from kit.ids import parse_id
from subgraphs.auth import errors
from subgraphs.auth.domain import workspaces as domain
from subgraphs.auth.domain.audit import EntryId
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.roles import Asked
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.audit import AuditEntry
from subgraphs.auth.schema.context import Info, known_id
from subgraphs.auth.schema.invitations import WorkspaceInvitation, invitations_of
from subgraphs.auth.schema.memberships import WorkspaceMember, WorkspaceMemberRemoveInput, WorkspaceMemberUpdateInput
from subgraphs.auth.schema.paging import After, First, position
from subgraphs.auth.schema.roles import WorkspaceCustomRole, asked_role

_MEMBERS = "members"
_MINE = "workspaces"
_AUDIT = "audit"


@strawberry.federation.type(keys=["id"], description="A team's space: everything else belongs to one.")
class Workspace:
    id: strawberry.ID
    name: str
    slug: str = strawberry.field(description="The name in addresses; no other workspace has it.")
    member_count: int = strawberry.field(description="How many people are in it.")
    created_at: datetime

    @strawberry.field(description="The caller as a member of it.")
    async def viewer(self, info: Info) -> WorkspaceMember:
        return WorkspaceMember.of(await info.context.use.members.mine(info.context.user_id(), self._id()))

    @strawberry.field(description="The people in it, in the order in which they joined.")
    async def members(self, info: Info, first: First = None, after: After = None) -> Connection[WorkspaceMember]:
        page = page_request(first, after)
        behind = position(_MEMBERS, page.after)
        members, more = await info.context.use.members.page(
            info.context.user_id(),
            self._id(),
            first=page.first,
            after=None if behind is None else MembershipId(behind),
        )
        return connection(members, node=WorkspaceMember.of, cursor=_cursor, has_more=more, after=page.after)

    @strawberry.field(description="Its custom roles, oldest first.")
    async def roles(self, info: Info) -> list[WorkspaceCustomRole]:
        found = await info.context.use.roles.of_workspace(info.context.user_id(), self._id())
        return [WorkspaceCustomRole.of(role) for role in found]

    @strawberry.field(description="Who was asked into it, newest first; for those who may invite.")
    async def invitations(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[WorkspaceInvitation]:
        return await invitations_of(info, self._id(), first, after)

    @strawberry.field(description="Who changed what in it, newest first; for those who may read it.")
    async def audit_log(self, info: Info, first: First = None, after: After = None) -> Connection[AuditEntry]:
        page = page_request(first, after)
        behind = position(_AUDIT, page.after)
        entries, more = await info.context.use.audit.page(
            info.context.user_id(),
            self._id(),
            first=page.first,
            after=None if behind is None else EntryId(behind),
        )
        return connection(
            entries,
            node=AuditEntry.of,
            cursor=lambda entry: encode_cursor(_AUDIT, str(entry.id)),
            has_more=more,
            after=page.after,
        )

    def _id(self) -> WorkspaceId:
        return WorkspaceId(UUID(self.id))

    @classmethod
    def of(cls, workspace: domain.Workspace) -> Self:
        return cls(
            id=strawberry.ID(str(workspace.id)),
            name=workspace.name,
            slug=workspace.slug,
            member_count=workspace.members,
            created_at=workspace.created_at,
        )

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


@strawberry.input(description="Renames a workspace or gives it another slug; what is absent stays as it is.")
class WorkspaceUpdateInput:
    workspace_id: strawberry.ID
    name: str | None = None
    slug: str | None = strawberry.field(default=None, description="The old one is free for others from then on.")


@strawberry.type
class WorkspaceUpdatePayload:
    workspace: Workspace


@strawberry.input(description="Takes a workspace away from all its members, until an owner restores it.")
class WorkspaceDeleteInput:
    workspace_id: strawberry.ID


@strawberry.type
class WorkspaceDeletePayload:
    workspace_id: strawberry.ID


@strawberry.input(description="Gives a deleted workspace back to its members.")
class WorkspaceRestoreInput:
    workspace_id: strawberry.ID


@strawberry.type
class WorkspaceRestorePayload:
    workspace: Workspace


@strawberry.input(description="Hands the ownership over: the member becomes an owner, the caller an admin.")
class WorkspaceTransferInput:
    workspace_id: strawberry.ID
    user_id: strawberry.ID


@strawberry.type
class WorkspaceTransferPayload:
    workspace: Workspace
    member: WorkspaceMember


@strawberry.input(description="Ends the caller's own membership.")
class WorkspaceLeaveInput:
    workspace_id: strawberry.ID


@strawberry.type
class WorkspaceLeavePayload:
    workspace_id: strawberry.ID


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

    @strawberry.field(description="A workspace that the caller is a member of, by the name in its addresses.")
    async def workspace_by_slug(self, info: Info, slug: str) -> Workspace | None:
        viewer = info.context.viewer
        found = None if viewer is None else await info.context.use.tenants.by_slug(viewer, slug)
        return None if found is None else Workspace.of(found)

    @strawberry.field(description="The workspaces of the caller, in the order of joining.")
    async def workspaces(self, info: Info, first: First = None, after: After = None) -> Connection[Workspace]:
        page = page_request(first, after)
        behind = position(_MINE, page.after)
        mine, more = await info.context.use.tenants.mine(
            info.context.user_id(), first=page.first, after=None if behind is None else MembershipId(behind)
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
        workspace = await info.context.once(info).tenants.create(info.context.user_id(), input.name, input.slug)
        return WorkspaceCreatePayload(workspace=Workspace.of(workspace))

    @strawberry.mutation(description="Renames a workspace or gives it another slug.")
    async def workspace_update(
        self,
        info: Info,
        input: WorkspaceUpdateInput,  # noqa: A002  # the API's name
    ) -> WorkspaceUpdatePayload:
        actor, workspace_id = info.context.user_id(), _workspace_id(input.workspace_id)
        workspace = await info.context.once(info).tenants.update(actor, workspace_id, input.name, input.slug)
        return WorkspaceUpdatePayload(workspace=Workspace.of(workspace))

    @strawberry.mutation(description="Deletes a workspace; an owner can restore it.")
    async def workspace_delete(
        self,
        info: Info,
        input: WorkspaceDeleteInput,  # noqa: A002  # the API's name
    ) -> WorkspaceDeletePayload:
        deleted = await info.context.once(info).tenants.delete(
            info.context.user_id(), _workspace_id(input.workspace_id)
        )
        return WorkspaceDeletePayload(workspace_id=strawberry.ID(str(deleted.id)))

    @strawberry.mutation(description="Restores a deleted workspace.")
    async def workspace_restore(
        self,
        info: Info,
        input: WorkspaceRestoreInput,  # noqa: A002  # the API's name
    ) -> WorkspaceRestorePayload:
        restored = await info.context.once(info).tenants.restore(
            info.context.user_id(), _workspace_id(input.workspace_id)
        )
        return WorkspaceRestorePayload(workspace=Workspace.of(restored))

    @strawberry.mutation(description="Hands the ownership of a workspace over to a member.")
    async def workspace_transfer(
        self,
        info: Info,
        input: WorkspaceTransferInput,  # noqa: A002  # the API's name
    ) -> WorkspaceTransferPayload:
        actor, workspace_id = info.context.user_id(), _workspace_id(input.workspace_id)
        user_id = UserId(known_id("member", input.user_id))
        workspace, heir = await info.context.once(info).members.transfer(actor, workspace_id, user_id)
        return WorkspaceTransferPayload(workspace=Workspace.of(workspace), member=WorkspaceMember.of(heir))

    @strawberry.mutation(description="Leaves a workspace; its last owner cannot.")
    async def workspace_leave(
        self,
        info: Info,
        input: WorkspaceLeaveInput,  # noqa: A002  # the API's name
    ) -> WorkspaceLeavePayload:
        actor = info.context.user_id()
        workspace, _ = await info.context.once(info).members.change(
            actor, _workspace_id(input.workspace_id), actor, None
        )
        return WorkspaceLeavePayload(workspace_id=strawberry.ID(str(workspace.id)))

    @strawberry.mutation(description="Changes what a member is.")
    async def workspace_member_update(
        self,
        info: Info,
        input: WorkspaceMemberUpdateInput,  # noqa: A002  # the API's name
    ) -> WorkspaceMemberUpdatePayload:
        info.context.user_id()
        asked = asked_role(input.role, input.role_id)
        if asked is None:
            raise errors.field_invalid("role", "is missing")
        workspace, member = await _change(info, input.workspace_id, input.user_id, asked)
        return WorkspaceMemberUpdatePayload(workspace=workspace, member=WorkspaceMember.of(member))

    @strawberry.mutation(description="Removes a member, or oneself.")
    async def workspace_member_remove(
        self,
        info: Info,
        input: WorkspaceMemberRemoveInput,  # noqa: A002  # the API's name
    ) -> WorkspaceMemberRemovePayload:
        workspace, member = await _change(info, input.workspace_id, input.user_id, None)
        return WorkspaceMemberRemovePayload(workspace_id=workspace.id, user_id=strawberry.ID(str(member.user_id)))


async def _change(info: Info, workspace_text: str, user_text: str, asked: Asked | None) -> tuple[Workspace, Membership]:
    actor = info.context.user_id()
    workspace_id, user_id = _workspace_id(workspace_text), UserId(known_id("member", user_text))
    workspace, member = await info.context.once(info).members.change(actor, workspace_id, user_id, asked)
    return Workspace.of(workspace), member


def _workspace_id(text: str) -> WorkspaceId:
    return WorkspaceId(known_id("workspace", text))
