"""Owns inviting people and joining by invitation: one commit uses up the token and makes its holder a member.

An invitation is reminded of and expires by a durable clock, which asks here each time: what it heard of may be over.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.auth import errors
from subgraphs.auth.domain.audit import Action
from subgraphs.auth.domain.happenings import InvitationReminded, UserInvited
from subgraphs.auth.domain.invitations import LIFE, TOKEN_BYTES, Invitation, InvitationId, State, token_hash
from subgraphs.auth.domain.refresh import NewSecret
from subgraphs.auth.domain.roles import Asked, Given
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service import emails
from subgraphs.auth.service.audit import Recorder
from subgraphs.auth.service.membership_check import require, require_giving
from subgraphs.auth.service.placing import Placing, resolve
from subgraphs.auth.service.ports import Attempts, Database, NewId, Stores

_RACES = 8


class _LostRaceError(Exception):
    """Another invitation of the address was first; the transaction must end before it can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Joins a person to the workspace that a token stands for, as part of somebody's transaction."""

    placing: Placing
    recorder: Recorder
    clock: Clock

    async def join(self, stores: Stores, user: User, token: str) -> Workspace:
        """Raises NOT_FOUND for an unknown token, INVITATION_USED, INVITATION_EXPIRED, FORBIDDEN for another's token."""
        invitation = await stores.invitations.by_token(token_hash(token))
        if invitation is None:
            raise errors.not_found("invitation")
        accepted = invitation.accepted(user, self.clock.now())
        workspace = await stores.workspaces.get(invitation.workspace_id)
        if workspace is None or workspace.deleted_at is not None:
            raise errors.not_found("invitation")
        if not await stores.invitations.save(accepted):
            raise errors.invitation_used()
        record = await stores.memberships.find(workspace.id, user.id)
        if record is not None and record.active:
            return workspace
        given = await _invited_to(stores, accepted)
        workspace, _ = await self.placing.place(stores, workspace, user.id, given, user.id)
        await self.recorder.note(
            stores, Action.MEMBER_JOINED, workspace.id, user.id, user.id, invitation=str(accepted.id), role=given.role
        )
        return workspace


async def _refuse_member(stores: Stores, workspace_id: WorkspaceId, email: str) -> None:
    """Raises EXISTS when the address belongs to a member."""
    invited = await stores.users.by_email(email)
    record = None if invited is None else await stores.memberships.find(workspace_id, invited.id)
    if record is not None and record.active:
        raise errors.already_member()


async def _invited_to(stores: Stores, invitation: Invitation) -> Given:
    asked: Asked = invitation.role if invitation.role_id is None else invitation.role_id
    return await resolve(stores, invitation.workspace_id, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviting:
    """Use cases of invitations."""

    database: Database
    attempts: Attempts
    joining: Joining
    recorder: Recorder
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    async def invite(self, actor: UserId, workspace_id: WorkspaceId, email: str, asked: Asked) -> Invitation:
        """Invites an address, or renews its pending invitation: the tokens in older mails stop working.

        Raises BAD_INPUT, NOT_FOUND, FORBIDDEN, RATE_LIMITED, EXISTS when the address belongs to a member.
        """
        email = emails.accept(email)
        await self._allowed(self.database, actor, workspace_id, asked)
        await self.attempts.begin_invitation(actor)

        async def work(stores: Stores) -> Invitation:
            workspace, given = await self._allowed(stores, actor, workspace_id, asked)
            await _refuse_member(stores, workspace_id, email)
            pending = await stores.invitations.pending(workspace_id, email)
            token, hashed = self._token()
            if pending is None:
                invitation = self._fresh(workspace_id, email, given, actor, hashed)
                action, write = Action.INVITATION_SENT, stores.invitations.add
            else:
                invitation = pending.renewed(given=given, inviter_id=actor, token_hash=hashed, now=self.clock.now())
                action, write = Action.INVITATION_RESENT, stores.invitations.save
            if not await write(invitation, await self._invited(stores, workspace, invitation, token)):
                raise _LostRaceError
            await self._noted(stores, action, actor, invitation)
            return invitation

        for _ in range(_RACES):
            try:
                return await self.database.atomically(work)
            except _LostRaceError:
                continue
        raise errors.contended()

    async def resend(self, actor: UserId, invitation_id: InvitationId) -> Invitation:
        """Sends an invitation that was not answered once more, with a new life; its older links are dead.

        Raises NOT_FOUND, FORBIDDEN, INVITATION_USED when it was accepted or revoked, RATE_LIMITED.
        """
        await self._managed(self.database, actor, invitation_id)
        await self.attempts.begin_invitation(actor)

        async def work(stores: Stores) -> Invitation:
            workspace, known = await self._managed(stores, actor, invitation_id)
            given = await _invited_to(stores, known)
            token, hashed = self._token()
            renewed = known.renewed(given=given, inviter_id=actor, token_hash=hashed, now=self.clock.now())
            if known.state not in (State.PENDING, State.EXPIRED):
                raise errors.invitation_used()
            if not await stores.invitations.save(renewed, await self._invited(stores, workspace, renewed, token)):
                raise errors.invitation_used()
            await self._noted(stores, Action.INVITATION_RESENT, actor, renewed)
            return renewed

        return await self.database.atomically(work)

    async def revoke(self, actor: UserId, invitation_id: InvitationId) -> Invitation:
        """Takes an invitation back; revoking it again changes nothing.

        Raises NOT_FOUND, FORBIDDEN, INVITATION_USED when it was accepted, INVITATION_EXPIRED.
        """

        async def work(stores: Stores) -> Invitation:
            _, known = await self._managed(stores, actor, invitation_id)
            standing = known.standing(self.clock.now())
            if standing is State.REVOKED:
                return known
            if standing is State.EXPIRED:
                raise errors.invitation_expired()
            revoked = known.ended(State.REVOKED)
            if standing is not State.PENDING or not await stores.invitations.save(revoked):
                raise errors.invitation_used()
            await self._noted(stores, Action.INVITATION_REVOKED, actor, revoked)
            return revoked

        return await self.database.atomically(work)

    async def accept(self, actor: UserId, token: str) -> Workspace:
        """Makes the caller a member; as the token came by mail, it proves the address too.

        Raises what joining raises; of two at once, one gets INVITATION_USED.
        """

        async def work(stores: Stores) -> Workspace:
            user = await stores.users.get(actor)
            if user is None:
                raise errors.signed_out()
            workspace = await self.joining.join(stores, user, token)
            if user.email_verified_at is None and not await stores.users.save(user.verified(self.clock.now())):
                raise errors.contended()
            return workspace

        return await self.database.atomically(work)

    async def page(
        self, viewer: UserId, workspace_id: WorkspaceId, *, first: int, after: InvitationId | None
    ) -> tuple[list[Invitation], bool]:
        """The invitations of a workspace, newest first, and whether there are more. Raises NOT_FOUND, FORBIDDEN."""
        await require(self.database, workspace_id, viewer, Permission.MEMBERS_INVITE)
        found = await self.database.invitations.page(workspace_id, after=after, limit=first + 1)
        return found[:first], len(found) > first

    async def remind(self, invitation_id: InvitationId, number: int) -> Invitation:
        """For the clock: reminds of an invitation that is still open in this round, once.

        Raises NOT_FOUND, UNAVAILABLE after a lost race.
        """

        async def work(stores: Stores) -> Invitation:
            known = await self._known(stores, invitation_id)
            open_now = known.standing(self.clock.now()) is State.PENDING and known.round == number
            workspace = await stores.workspaces.get(known.workspace_id)
            if not open_now or known.reminded_at is not None or workspace is None or workspace.deleted_at is not None:
                return known
            token, hashed = self._token()
            reminded = known.reminded(hashed, self.clock.now())
            inviter = await stores.users.get(known.inviter_id)
            happened = InvitationReminded(
                invitation=reminded,
                workspace_name=workspace.name,
                inviter_name="" if inviter is None else inviter.display_name,
                token=token,
            )
            if not await stores.invitations.save(reminded, happened):
                raise errors.contended()
            return reminded

        return await self.database.atomically(work)

    async def expire(self, invitation_id: InvitationId, number: int) -> Invitation:
        """For the clock: marks an invitation whose time is over, in this round.

        Raises NOT_FOUND, UNAVAILABLE after a lost race.
        """

        async def work(stores: Stores) -> Invitation:
            known = await self._known(stores, invitation_id)
            over = known.state is State.PENDING and known.standing(self.clock.now()) is State.EXPIRED
            if not over or known.round != number:
                return known
            expired = known.ended(State.EXPIRED)
            if not await stores.invitations.save(expired):
                raise errors.contended()
            await self._noted(stores, Action.INVITATION_EXPIRED, None, expired)
            return expired

        return await self.database.atomically(work)

    async def _known(self, stores: Stores, invitation_id: InvitationId) -> Invitation:
        known = await stores.invitations.get(invitation_id)
        if known is None:
            raise errors.not_found("invitation")
        return known

    async def _managed(
        self, stores: Stores, actor: UserId, invitation_id: InvitationId
    ) -> tuple[Workspace, Invitation]:
        """An invitation that the caller may handle. Raises NOT_FOUND, also for one of others, and FORBIDDEN."""
        known = await self._known(stores, invitation_id)
        workspace, mine = await require(stores, known.workspace_id, actor, Permission.MEMBERS_INVITE, what="invitation")
        require_giving(mine, (await _invited_to(stores, known)).permissions)
        return workspace, known

    async def _allowed(
        self, stores: Stores, actor: UserId, workspace_id: WorkspaceId, asked: Asked
    ) -> tuple[Workspace, Given]:
        workspace, mine = await require(stores, workspace_id, actor, Permission.MEMBERS_INVITE)
        given = await resolve(stores, workspace_id, asked)
        require_giving(mine, given.permissions)
        return workspace, given

    def _token(self) -> tuple[str, bytes]:
        token = base64.urlsafe_b64encode(self.new_secret(TOKEN_BYTES)).rstrip(b"=").decode()
        return token, token_hash(token)

    def _fresh(self, workspace_id: WorkspaceId, email: str, given: Given, actor: UserId, hashed: bytes) -> Invitation:
        now = self.clock.now()
        return Invitation(
            id=InvitationId(self.new_id()),
            workspace_id=workspace_id,
            email=email,
            role=given.role,
            role_id=given.role_id,
            inviter_id=actor,
            token_hash=hashed,
            expires_at=now + LIFE,
            created_at=now,
        )

    async def _invited(self, stores: Stores, workspace: Workspace, invitation: Invitation, token: str) -> UserInvited:
        inviter = await stores.users.get(invitation.inviter_id)
        if inviter is None:
            raise errors.signed_out()
        return UserInvited(
            invitation=invitation, workspace_name=workspace.name, inviter_name=inviter.display_name, token=token
        )

    async def _noted(self, stores: Stores, action: Action, actor: UserId | None, invitation: Invitation) -> None:
        await self.recorder.note(
            stores,
            action,
            invitation.workspace_id,
            actor,
            invitation=str(invitation.id),
            email=invitation.email,
            role=invitation.role.value,
        )
