"""Owns inviting people into a workspace, accepting, and taking invitations back."""

from __future__ import annotations

import strawberry

from proto.permissions import Role
from subgraphs.auth.domain.invitations import InvitationId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.context import Info, known_id
from subgraphs.auth.schema.invitations import WorkspaceInvitation
from subgraphs.auth.schema.roles import asked_role
from subgraphs.auth.schema.workspaces import Workspace


@strawberry.input(description="Asks an address into a workspace; asking again renews the invitation.")
class WorkspaceInviteInput:
    workspace_id: strawberry.ID
    email: str
    role: Role | None = strawberry.field(default=None, description="MEMBER when neither role is given.")
    role_id: strawberry.ID | None = strawberry.field(default=None, description="A custom role instead.")


@strawberry.type
class WorkspaceInvitePayload:
    invitation: WorkspaceInvitation


@strawberry.input(description="Accepts an invitation as the person logged in.")
class InvitationAcceptInput:
    token: str = strawberry.field(description="From the link in the mail.")


@strawberry.type
class InvitationAcceptPayload:
    workspace: Workspace


@strawberry.input(description="Takes an invitation back: its links are dead.")
class InvitationRevokeInput:
    invitation_id: strawberry.ID


@strawberry.type
class InvitationRevokePayload:
    invitation: WorkspaceInvitation


@strawberry.input(description="Sends an invitation once more; older links are dead, its life starts anew.")
class InvitationResendInput:
    invitation_id: strawberry.ID


@strawberry.type
class InvitationResendPayload:
    invitation: WorkspaceInvitation


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
        asked = asked_role(input.role, input.role_id) or Role.MEMBER
        invitation = await info.context.once(info).inviting.invite(actor, workspace_id, input.email, asked)
        return WorkspaceInvitePayload(invitation=WorkspaceInvitation.of(invitation))

    @strawberry.mutation(description="Joins the workspace that one was invited to.")
    async def invitation_accept(
        self,
        info: Info,
        input: InvitationAcceptInput,  # noqa: A002  # the API's name
    ) -> InvitationAcceptPayload:
        workspace = await info.context.once(info).inviting.accept(info.context.user_id(), input.token)
        return InvitationAcceptPayload(workspace=Workspace.of(workspace))

    @strawberry.mutation(description="Takes an invitation back.")
    async def invitation_revoke(
        self,
        info: Info,
        input: InvitationRevokeInput,  # noqa: A002  # the API's name
    ) -> InvitationRevokePayload:
        actor, invitation_id = info.context.user_id(), _invitation_id(input.invitation_id)
        revoked = await info.context.once(info).inviting.revoke(actor, invitation_id)
        return InvitationRevokePayload(invitation=WorkspaceInvitation.of(revoked))

    @strawberry.mutation(description="Sends an invitation once more.")
    async def invitation_resend(
        self,
        info: Info,
        input: InvitationResendInput,  # noqa: A002  # the API's name
    ) -> InvitationResendPayload:
        actor, invitation_id = info.context.user_id(), _invitation_id(input.invitation_id)
        resent = await info.context.once(info).inviting.resend(actor, invitation_id)
        return InvitationResendPayload(invitation=WorkspaceInvitation.of(resent))


def _invitation_id(text: str) -> InvitationId:
    return InvitationId(known_id("invitation", text))
