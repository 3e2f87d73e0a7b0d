"""Owns what one operation carries: who asks, the use cases, and loaders that live no longer than the operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from kit.identity import Actor, Caller
from kit.ids import parse_id
from subgraphs.auth import errors
from subgraphs.auth.domain.roles import CustomRole, RoleId
from subgraphs.auth.domain.sessions import Client, SessionId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.audit import AuditLog
from subgraphs.auth.service.credentials import Credentials
from subgraphs.auth.service.invitations import Inviting
from subgraphs.auth.service.memberships import Members
from subgraphs.auth.service.roles import CustomRoles
from subgraphs.auth.service.sessions import Logins
from subgraphs.auth.service.users import Accounts, VisibleUser
from subgraphs.auth.service.workspaces import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """What the schema can do."""

    accounts: Accounts
    credentials: Credentials
    logins: Logins
    tenants: Tenants
    members: Members
    roles: CustomRoles
    audit: AuditLog
    inviting: Inviting


class AuthContext:
    """The context of one operation. What the loaders answer is what this viewer may see."""

    def __init__(self, caller: Caller, use_cases: UseCases) -> None:
        self.use = use_cases
        self.client = Client(address=caller.address, agent=caller.agent)
        self._actor = caller.actor
        self.users: DataLoader[UserId, VisibleUser | None] = DataLoader(load_fn=self._load_users)
        self.workspaces: DataLoader[WorkspaceId, Workspace | None] = DataLoader(load_fn=self._load_workspaces)
        self.roles: DataLoader[tuple[WorkspaceId, RoleId], CustomRole | None] = DataLoader(load_fn=self._load_roles)

    @property
    def viewer(self) -> UserId | None:
        return None if self._actor is None else UserId(self._actor.user_id)

    def actor(self) -> Actor:
        """Who is logged in. Raises UNAUTHENTICATED."""
        if self._actor is None:
            raise errors.signed_out()
        return self._actor

    def user_id(self) -> UserId:
        """Raises UNAUTHENTICATED."""
        return UserId(self.actor().user_id)

    def session_id(self) -> SessionId:
        """The session that the caller acts in. Raises UNAUTHENTICATED."""
        return SessionId(self.actor().session_id)

    async def _load_users(self, keys: list[UserId]) -> Sequence[VisibleUser | None]:
        found = await self.use.accounts.visible(self.viewer, keys)
        return [found.get(key) for key in keys]

    async def _load_workspaces(self, keys: list[WorkspaceId]) -> Sequence[Workspace | None]:
        found = await self.use.tenants.visible(self.viewer, keys)
        return [found.get(key) for key in keys]

    async def _load_roles(self, keys: list[tuple[WorkspaceId, RoleId]]) -> Sequence[CustomRole | None]:
        """A workspace has few roles: all of each are had in one question."""
        found: dict[RoleId, CustomRole] = {}
        for workspace_id in dict.fromkeys(workspace_id for workspace_id, _ in keys):
            for role in await self.use.roles.of_workspace(self.user_id(), workspace_id):
                found[role.id] = role
        return [found.get(role_id) for _, role_id in keys]


Info = strawberry.Info[AuthContext, None]


def known_id(what: str, text: str) -> UUID:
    """An id that cannot be one belongs to nothing. Raises NOT_FOUND."""
    value = parse_id(text)
    if value is None:
        raise errors.not_found(what)
    return value
