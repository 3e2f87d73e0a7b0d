"""Owns invitations by e-mail: a token that works once, for the invited address, for 14 days; only its hash is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from proto.permissions import Role
from subgraphs.auth import errors
from subgraphs.auth.domain.roles import Given, RoleId
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import WorkspaceId

InvitationId = NewType("InvitationId", UUID)

LIFE = timedelta(days=14)
TOKEN_BYTES = 32


class State(StrEnum):
    """Where an invitation stands. One that has expired may not be marked yet: the time decides."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One address asked into one workspace; asking again renews the same invitation and its old tokens are dead.

    Each asking is a round with its own life. A reminder brings a token of its own, and the one of the first mail of the
    round stays good beside it.
    """

    id: InvitationId
    workspace_id: WorkspaceId
    email: str
    role: Role
    role_id: RoleId | None = None
    inviter_id: UserId
    token_hash: bytes
    earlier_hash: bytes | None = None
    round: int = 1
    reminded_at: datetime | None = None
    state: State = State.PENDING
    accepted_by: UserId | None = None
    expires_at: datetime
    version: int = 1
    created_at: datetime

    def standing(self, now: datetime) -> State:
        """The state as it is at a time."""
        return State.EXPIRED if self.state is State.PENDING and now >= self.expires_at else self.state

    def renewed(self, *, given: Given, inviter_id: UserId, token_hash: bytes, now: datetime) -> Invitation:
        return replace(
            self,
            role=given.role,
            role_id=given.role_id,
            inviter_id=inviter_id,
            token_hash=token_hash,
            earlier_hash=None,
            round=self.round + 1,
            reminded_at=None,
            state=State.PENDING,
            expires_at=now + LIFE,
            version=self.version + 1,
        )

    def reminded(self, token_hash: bytes, now: datetime) -> Invitation:
        return replace(
            self, token_hash=token_hash, earlier_hash=self.token_hash, reminded_at=now, version=self.version + 1
        )

    def for_role(self, given: Given) -> Invitation:
        return replace(self, role=given.role, role_id=given.role_id, version=self.version + 1)

    def ended(self, state: State) -> Invitation:
        return replace(self, state=state, version=self.version + 1)

    def accepted(self, user: User, now: datetime) -> Invitation:
        """Raises INVITATION_USED, INVITATION_EXPIRED, or FORBIDDEN when it is addressed to somebody else."""
        if user.email != self.email:
            raise errors.forbidden("The invitation is addressed to another e-mail address.")
        if self.standing(now) is State.EXPIRED:
            raise errors.invitation_expired()
        if self.state is not State.PENDING:
            raise errors.invitation_used()
        return replace(self, state=State.ACCEPTED, accepted_by=user.id, version=self.version + 1)


def token_hash(token: str) -> bytes:
    """What is stored and looked up in place of the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
