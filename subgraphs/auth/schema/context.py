"""Owns what one operation carries: who asks, the use cases, and loaders that live no longer than the operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from kit.idempotency import KeyUse
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
from subgraphs.auth.service.once import OnceDatabase
from subgraphs.auth.service.ports import Database
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

    def over(self, database: Database) -> UseCases:
        """The use cases whose answers can be kept, over another database."""
        return replace(
            self,
            accounts=replace(self.accounts, database=database),
            tenants=replace(self.tenants, database=database),
            members=replace(self.members, database=database),
            roles=replace(self.roles, database=database),
            inviting=replace(self.inviting, database=database),
        )


class AuthContext:
    """The context of one operation. What the loaders answer is what this viewer may see."""

    def __init__(self, caller: Caller, use_cases: UseCases) -> None:
        self.use = use_cases
        self.client = Client(address=caller.address, agent=caller.agent)
        self._actor = caller.actor
        self._key = caller.request_key
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

    def once(self, info: Info) -> UseCases:
        """The use cases for the mutation under this name in the request's document: done once, when there is a key.

        Raises UNAUTHENTICATED.
        """
        owner = f"user:{self.user_id()}"
        if self._key is None:
            return self.use
        use = KeyUse(owner=owner, key=self._key.key, field=str(info.path.key), fingerprint=self._key.fingerprint)
        return self.use.over(OnceDatabase(self.use.tenants.database, use))

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
