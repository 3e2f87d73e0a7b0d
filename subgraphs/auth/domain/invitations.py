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
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import WorkspaceId

InvitationId = NewType("InvitationId", UUID)

LIFE = timedelta(days=14)
TOKEN_BYTES = 32


class State(StrEnum):
    """Where an invitation stands. Expiry is not a state: it follows from the time."""

    PENDING = "pending"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One address asked into one workspace; asking again renews the same invitation and its old token is dead."""

    id: InvitationId
    workspace_id: WorkspaceId
    email: str
    role: Role
    inviter_id: UserId
    token_hash: bytes
    state: State = State.PENDING
    accepted_by: UserId | None = None
    expires_at: datetime
    version: int = 1
    created_at: datetime

    def renewed(self, *, role: Role, inviter_id: UserId, token_hash: bytes, now: datetime) -> Invitation:
        return replace(
            self,
            role=role,
            inviter_id=inviter_id,
            token_hash=token_hash,
            expires_at=now + LIFE,
            version=self.version + 1,
        )

    def accepted(self, user: User, now: datetime) -> Invitation:
        """Raises INVITATION_USED, INVITATION_EXPIRED, or FORBIDDEN when it is addressed to somebody else."""
        if user.email != self.email:
            raise errors.forbidden("The invitation is addressed to another e-mail address.")
        if self.state is not State.PENDING:
            raise errors.invitation_used()
        if now >= self.expires_at:
            raise errors.invitation_expired()
        return replace(self, state=State.ACCEPTED, accepted_by=user.id, version=self.version + 1)


def token_hash(token: str) -> bytes:
    """What is stored and looked up in place of the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
