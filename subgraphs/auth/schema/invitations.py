"""Owns `WorkspaceInvitation`. Its token is in the mail alone, never in an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from kit.graphql import Connection, connection, encode_cursor, page_request
from proto.permissions import Role
from subgraphs.auth.domain.invitations import Invitation, InvitationId, State
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.paging import position
from subgraphs.auth.schema.roles import WorkspaceCustomRole
from subgraphs.auth.schema.users import User

_INVITATIONS = "invitations"

strawberry.enum(State, name="InvitationState", description="Where an invitation stands.")


@strawberry.type(description="An address asked into a workspace.")
class WorkspaceInvitation:
    invitation: strawberry.Private[Invitation]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(str(self.invitation.id))

    @strawberry.field
    def email(self) -> str:
        return self.invitation.email

    @strawberry.field
    def role(self) -> Role:
        return self.invitation.role

    @strawberry.field(description="The custom role, where `role` is CUSTOM.")
    async def custom_role(self, info: Info) -> WorkspaceCustomRole | None:
        if self.invitation.role_id is None:
            return None
        role = await info.context.roles.load((self.invitation.workspace_id, self.invitation.role_id))
        return None if role is None else WorkspaceCustomRole.of(role)

    @strawberry.field
    def state(self, info: Info) -> State:
        return self.invitation.standing(info.context.use.inviting.clock.now())

    @strawberry.field(description="Until when it can be accepted.")
    def expires_at(self) -> datetime:
        return self.invitation.expires_at

    @strawberry.field(description="When it was first sent.")
    def created_at(self) -> datetime:
        return self.invitation.created_at

    @strawberry.field(description="Who sent it last.")
    async def inviter(self, info: Info) -> User | None:
        return await User.load(info, str(self.invitation.inviter_id))

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(invitation=invitation)


async def invitations_of(
    info: Info, workspace_id: WorkspaceId, first: int | None, after: str | None
) -> Connection[WorkspaceInvitation]:
    """A page of a workspace's invitations."""
    page = page_request(first, after)
    behind = position(_INVITATIONS, page.after)
    invitations, more = await info.context.use.inviting.page(
        info.context.user_id(),
        workspace_id,
        first=page.first,
        after=None if behind is None else InvitationId(behind),
    )
    return connection(
        invitations,
        node=WorkspaceInvitation.of,
        cursor=lambda invitation: encode_cursor(_INVITATIONS, str(invitation.id)),
        has_more=more,
        after=page.after,
    )
