"""Owns inviting people and joining by invitation: one commit uses up the token and makes its holder a member."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from kit.clock import Clock
from proto.permissions import Permission, Role, may_give, permissions_of
from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import MembershipChanged, UserInvited
from subgraphs.auth.domain.invitations import LIFE, TOKEN_BYTES, Invitation, InvitationId, token_hash
from subgraphs.auth.domain.memberships import Membership, MembershipId, owners_change
from subgraphs.auth.domain.refresh import NewSecret
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service import emails
from subgraphs.auth.service.memberships import require
from subgraphs.auth.service.ports import Attempts, Database, NewId, Stores

_RACES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Joins a person to the workspace that a token stands for, as part of somebody's transaction."""

    clock: Clock
    new_id: NewId

    async def join(self, stores: Stores, user: User, token: str) -> Workspace:
        """Raises NOT_FOUND for an unknown token, INVITATION_USED, INVITATION_EXPIRED, FORBIDDEN for another's token."""
        now = self.clock.now()
        invitation = await stores.invitations.by_token(token_hash(token))
        if invitation is None:
            raise errors.not_found("invitation")
        accepted = invitation.accepted(user, now)
        if not await stores.invitations.save(accepted):
            raise errors.invitation_used()
        workspace = await stores.workspaces.get(invitation.workspace_id)
        if workspace is None:
            raise errors.not_found("invitation")
        return await self._admit(stores, workspace, accepted, user)

    async def _admit(self, stores: Stores, workspace: Workspace, invitation: Invitation, user: User) -> Workspace:
        record = await stores.memberships.find(workspace.id, user.id)
        if record is not None and record.active:
            return workspace
        change = owners_change(None, invitation.role)
        if change:
            workspace = workspace.with_owners(change)
            if not await stores.workspaces.save(workspace):
                raise errors.contended()
        if record is None:
            fresh = Membership(
                id=MembershipId(self.new_id()),
                workspace_id=workspace.id,
                user_id=user.id,
                role=invitation.role,
                created_at=self.clock.now(),
            )
            await stores.memberships.add(fresh, _joined(fresh, workspace))
        else:
            again = record.with_role(invitation.role)
            if not await stores.memberships.save(again, _joined(again, workspace)):
                raise errors.contended()
        return workspace


def _joined(membership: Membership, workspace: Workspace) -> MembershipChanged:
    return MembershipChanged(membership=membership, workspace_name=workspace.name, actor_id=membership.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviting:
    """Use cases of invitations."""

    database: Database
    attempts: Attempts
    joining: Joining
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    async def invite(self, actor: UserId, workspace_id: WorkspaceId, email: str, role: Role) -> Invitation:
        """Invites an address, or renews its pending invitation: the token in an older mail stops working.

        Raises BAD_INPUT, NOT_FOUND, FORBIDDEN, RATE_LIMITED, EXISTS when the address belongs to a member.
        """
        email = emails.accept(email)
        workspace, mine = await require(self.database, workspace_id, actor, Permission.MEMBERS_INVITE)
        if not may_give(mine.permissions, permissions_of(role)):
            raise errors.forbidden("Your role in this workspace does not allow giving this role.")
        inviter = await self.database.users.get(actor)
        if inviter is None:
            raise errors.signed_out()
        await self._refuse_member(workspace_id, email)
        await self.attempts.begin_invitation(actor)
        for _ in range(_RACES):
            invitation = await self._try(workspace, inviter, email, role)
            if invitation is not None:
                return invitation
        raise errors.contended()

    async def _refuse_member(self, workspace_id: WorkspaceId, email: str) -> None:
        invited = await self.database.users.by_email(email)
        if invited is None:
            return
        record = await self.database.memberships.find(workspace_id, invited.id)
        if record is not None and record.active:
            raise errors.already_member()

    async def _try(self, workspace: Workspace, inviter: User, email: str, role: Role) -> Invitation | None:
        now = self.clock.now()
        token = base64.urlsafe_b64encode(self.new_secret(TOKEN_BYTES)).rstrip(b"=").decode()
        hashed = token_hash(token)
        pending = await self.database.invitations.pending(workspace.id, email)
        if pending is None:
            invitation = Invitation(
                id=InvitationId(self.new_id()),
                workspace_id=workspace.id,
                email=email,
                role=role,
                inviter_id=inviter.id,
                token_hash=hashed,
                expires_at=now + LIFE,
                created_at=now,
            )
            write = self.database.invitations.add
        else:
            invitation = pending.renewed(role=role, inviter_id=inviter.id, token_hash=hashed, now=now)
            write = self.database.invitations.save
        happened = UserInvited(
            invitation=invitation, workspace_name=workspace.name, inviter_name=inviter.display_name, token=token
        )
        return invitation if await write(invitation, happened) else None

    async def accept(self, actor: UserId, token: str) -> Workspace:
        """Makes the caller a member. Raises what joining raises; of two at once, one gets INVITATION_USED."""

        async def work(stores: Stores) -> Workspace:
            user = await stores.users.get(actor)
            if user is None:
                raise errors.signed_out()
            return await self.joining.join(stores, user, token)

        return await self.database.atomically(work)
