"""Owns `WorkspaceMember` and the inputs of the changes to it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from proto.permissions import Role
from subgraphs.auth import errors
from subgraphs.auth.domain.memberships import Membership
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.roles import WorkspaceCustomRole
from subgraphs.auth.schema.users import User


@strawberry.type(description="A person in a workspace.")
class WorkspaceMember:
    membership: strawberry.Private[Membership]

    @strawberry.field(description="Who it is.")
    async def user(self, info: Info) -> User:
        user = await User.load(info, str(self.membership.user_id))
        if user is None:
            raise errors.not_found("user")
        return user

    @strawberry.field(description="What the person may do is decided by this.")
    def role(self) -> Role:
        if self.membership.role is None:
            raise errors.not_found("member")
        return self.membership.role

    @strawberry.field(description="The custom role, where `role` is CUSTOM.")
    async def custom_role(self, info: Info) -> WorkspaceCustomRole | None:
        if self.membership.role_id is None:
            return None
        role = await info.context.roles.load((self.membership.workspace_id, self.membership.role_id))
        return None if role is None else WorkspaceCustomRole.of(role)

    @strawberry.field(description="What the person may do, by the names in `permissions`.")
    def permissions(self) -> list[str]:
        return sorted(self.membership.permissions)

    @strawberry.field(description="Since when the person has been known to the workspace.")
    def joined_at(self) -> datetime:
        return self.membership.created_at

    @classmethod
    def of(cls, membership: Membership) -> Self:
        return cls(membership=membership)


@strawberry.input(description="Gives a member another role.")
class WorkspaceMemberUpdateInput:
    workspace_id: strawberry.ID
    user_id: strawberry.ID
    role: Role | None = None
    role_id: strawberry.ID | None = strawberry.field(default=None, description="A custom role instead.")


@strawberry.input(description="Ends a membership; one's own to leave.")
class WorkspaceMemberRemoveInput:
    workspace_id: strawberry.ID
    user_id: strawberry.ID
