"""Owns inviting people into a workspace and accepting. The token is in the mail alone, never in an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from proto.permissions import Role
from subgraphs.auth.domain.invitations import Invitation
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.context import Info, known_id
from subgraphs.auth.schema.workspaces import Workspace


@strawberry.type(description="An address asked into a workspace.")
class WorkspaceInvitation:
    id: strawberry.ID
    email: str
    role: Role
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(
            id=strawberry.ID(str(invitation.id)),
            email=invitation.email,
            role=invitation.role,
            expires_at=invitation.expires_at,
        )


@strawberry.input(description="Asks an address into a workspace; asking again renews the invitation.")
class WorkspaceInviteInput:
    workspace_id: strawberry.ID
    email: str
    role: Role = Role.MEMBER


@strawberry.type
class WorkspaceInvitePayload:
    invitation: WorkspaceInvitation


@strawberry.input(description="Accepts an invitation as the person logged in.")
class InvitationAcceptInput:
    token: str = strawberry.field(description="From the link in the mail.")


@strawberry.type
class InvitationAcceptPayload:
    workspace: Workspace


@strawberry.type
class InvitationMutations:
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
