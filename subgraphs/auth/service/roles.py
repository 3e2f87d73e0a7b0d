"""Owns the custom roles of workspaces. Nobody makes, changes or deletes a role that may more than they may themselves;
whoever holds a role hears of its change in the same commit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.auth import errors
from subgraphs.auth.domain.audit import Action
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.memberships import Membership
from subgraphs.auth.domain.roles import (
    GUEST,
    MOST_ROLES,
    Asked,
    CustomRole,
    Given,
    RoleId,
    check_permissions,
    clean_role_name,
)
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.audit import Recorder
from subgraphs.auth.service.membership_check import require, require_giving
from subgraphs.auth.service.placing import Placing, resolve
from subgraphs.auth.service.ports import Database, NewId, Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRoles:
    """Use cases of custom roles."""

    database: Database
    placing: Placing
    recorder: Recorder
    clock: Clock
    new_id: NewId

    async def of_workspace(self, viewer: UserId, workspace_id: WorkspaceId) -> list[CustomRole]:
        """All of a workspace, oldest first. Raises NOT_FOUND."""
        await require(self.database, workspace_id, viewer, Permission.MEMBERS_READ)
        return await self.database.roles.of_workspace(workspace_id)

    async def create(
        self, actor: UserId, workspace_id: WorkspaceId, name: str, permissions: Collection[str]
    ) -> CustomRole:
        """Raises BAD_INPUT, NOT_FOUND, FORBIDDEN, EXISTS, PRECONDITION_FAILED when there are too many."""
        wanted = CustomRole(
            id=RoleId(self.new_id()),
            workspace_id=workspace_id,
            name=clean_role_name(name),
            permissions=check_permissions(permissions),
            created_at=self.clock.now(),
        )

        async def work(stores: Stores) -> CustomRole:
            _, mine = await require(stores, workspace_id, actor, Permission.ROLES_MANAGE)
            require_giving(mine, wanted.permissions)
            if len(await stores.roles.of_workspace(workspace_id)) >= MOST_ROLES:
                raise errors.too_many_roles(MOST_ROLES)
            await stores.roles.add(wanted)
            await self._noted(stores, Action.ROLE_CREATED, actor, wanted)
            return wanted

        return await self.database.atomically(work)

    async def update(
        self, actor: UserId, role_id: RoleId, name: str | None, permissions: Collection[str] | None
    ) -> CustomRole:
        """Renames a role or changes what its holders may do, at once; None leaves as it is.

        Raises BAD_INPUT, NOT_FOUND, FORBIDDEN, EXISTS, UNAVAILABLE after lost races.
        """
        named = None if name is None else clean_role_name(name)
        wanted = None if permissions is None else check_permissions(permissions)

        async def work(stores: Stores) -> CustomRole:
            workspace, mine, role = await self._managed(stores, actor, role_id)
            changed = role.changed(named or role.name, role.permissions if wanted is None else wanted)
            require_giving(mine, changed.permissions)
            if (changed.name, changed.permissions) == (role.name, role.permissions):
                return role
            if not await stores.roles.save(changed):
                raise errors.contended()
            if changed.permissions != role.permissions:
                await self._tell_holders(stores, workspace, changed, actor)
            await self._noted(stores, Action.ROLE_UPDATED, actor, changed)
            return changed

        return await self.database.atomically(work)

    async def _tell_holders(self, stores: Stores, workspace: Workspace, role: CustomRole, actor: UserId) -> None:
        for holder in await stores.memberships.everyone(workspace.id, role_id=role.id):
            changed = holder.with_role(role.given)
            happened = MembershipChanged(membership=changed, workspace_name=workspace.name, actor_id=actor)
            if not await stores.memberships.save(changed, happened):
                raise errors.contended()

    async def delete(self, actor: UserId, role_id: RoleId, move_to: Asked | None) -> CustomRole:
        """Deletes a role; members who hold it and invitations into it get another one.

        Raises NOT_FOUND, FORBIDDEN, PRECONDITION_FAILED when members hold it and no other role is named, BAD_INPUT.
        """
        if move_to == role_id:
            raise errors.field_invalid("moveTo", "is the role that is to be deleted")

        async def work(stores: Stores) -> CustomRole:
            workspace, mine, role = await self._managed(stores, actor, role_id)
            if role.members and move_to is None:
                raise errors.role_in_use(role.members)
            given = GUEST if move_to is None else await resolve(stores, role.workspace_id, move_to)
            require_giving(mine, given.permissions)
            await self._move(stores, workspace, role, given, actor)
            current = await stores.roles.get(role_id)
            if current is None or not await stores.roles.remove(current):
                raise errors.contended()
            await self._noted(stores, Action.ROLE_DELETED, actor, role)
            return role

        return await self.database.atomically(work)

    async def _move(self, stores: Stores, workspace: Workspace, role: CustomRole, given: Given, actor: UserId) -> None:
        for holder in await stores.memberships.everyone(workspace.id, role_id=role.id):
            workspace, _ = await self.placing.place(stores, workspace, holder.user_id, given, actor)
        for invitation in await stores.invitations.with_role(role.id):
            if not await stores.invitations.save(invitation.for_role(given)):
                raise errors.contended()

    async def _managed(
        self, stores: Stores, actor: UserId, role_id: RoleId
    ) -> tuple[Workspace, Membership, CustomRole]:
        """A role that the caller may change. Raises NOT_FOUND, also for one of a workspace of others, and FORBIDDEN."""
        role = await stores.roles.get(role_id)
        if role is None:
            raise errors.not_found("role")
        workspace, mine = await require(stores, role.workspace_id, actor, Permission.ROLES_MANAGE, what="role")
        require_giving(mine, role.permissions)
        return workspace, mine, role

    async def _noted(self, stores: Stores, action: Action, actor: UserId, role: CustomRole) -> None:
        permissions = " ".join(sorted(role.permissions))
        await self.recorder.note(
            stores, action, role.workspace_id, actor, role=str(role.id), name=role.name, permissions=permissions
        )
