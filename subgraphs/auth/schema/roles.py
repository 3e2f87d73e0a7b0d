"""Owns custom roles of a workspace, and the list of what they can be made of."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from proto.permissions import GRANTABLE, MEANING, TABLE, Permission, Role
from subgraphs.auth import errors
from subgraphs.auth.domain.roles import Asked, CustomRole, RoleId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.context import Info, known_id

strawberry.enum(
    Role,
    name="WorkspaceRole",
    description="What a member is in a workspace, from most to least; a custom role is what its permissions say.",
)


@strawberry.type(description="One thing that somebody may be allowed to do in a workspace.")
class WorkspacePermission:
    name: str
    meaning: str = strawberry.field(description="What it lets one do.")
    grantable: bool = strawberry.field(description="Whether a custom role can be made of it.")
    roles: list[Role] = strawberry.field(description="The roles that hold it by themselves.")

    @classmethod
    def of(cls, permission: Permission) -> Self:
        return cls(
            name=permission.value,
            meaning=MEANING[permission],
            grantable=permission in GRANTABLE,
            roles=[role for role in Role if permission in TABLE[role]],
        )


@strawberry.type(description="A role that a workspace made for itself.")
class WorkspaceCustomRole:
    id: strawberry.ID
    name: str
    permissions: list[str] = strawberry.field(description="What it is made of, beyond what every member may.")
    member_count: int = strawberry.field(description="How many members hold it.")
    created_at: datetime

    @classmethod
    def of(cls, role: CustomRole) -> Self:
        return cls(
            id=strawberry.ID(str(role.id)),
            name=role.name,
            permissions=sorted(role.permissions),
            member_count=role.members,
            created_at=role.created_at,
        )


def asked_role(role: Role | None, role_id: strawberry.ID | None) -> Asked | None:
    """The role that an input names: a built-in one, a custom one by its id, or none.

    Raises BAD_INPUT when it names two, NOT_FOUND for what is no id.
    """
    if role_id is None:
        return role
    if role not in (None, Role.CUSTOM):
        raise errors.field_invalid("roleId", "goes with no other role")
    return RoleId(known_id("role", role_id))


@strawberry.input(description="Makes a role of named permissions.")
class WorkspaceRoleCreateInput:
    workspace_id: strawberry.ID
    name: str
    permissions: list[str] = strawberry.field(description="Names from `permissions`, none of which the caller lacks.")


@strawberry.input(description="Changes a role, for all who hold it; what is absent stays as it is.")
class WorkspaceRoleUpdateInput:
    role_id: strawberry.ID
    name: str | None = None
    permissions: list[str] | None = None


@strawberry.input(description="Deletes a role.")
class WorkspaceRoleDeleteInput:
    role_id: strawberry.ID
    move_to: Role | None = strawberry.field(default=None, description="What its holders are to be instead.")
    move_to_role_id: strawberry.ID | None = strawberry.field(default=None, description="Or another custom role.")


@strawberry.type
class WorkspaceRoleCreatePayload:
    role: WorkspaceCustomRole


@strawberry.type
class WorkspaceRoleUpdatePayload:
    role: WorkspaceCustomRole


@strawberry.type
class WorkspaceRoleDeletePayload:
    role_id: strawberry.ID


@strawberry.type
class RoleQueries:
    @strawberry.field(description="What roles are made of, and which of the built-in ones hold it.")
    def permissions(self) -> list[WorkspacePermission]:
        return [WorkspacePermission.of(permission) for permission in Permission]


@strawberry.type
class RoleMutations:
    @strawberry.mutation(description="Makes a custom role.")
    async def workspace_role_create(
        self,
        info: Info,
        input: WorkspaceRoleCreateInput,  # noqa: A002  # the API's name
    ) -> WorkspaceRoleCreatePayload:
        actor, workspace_id = info.context.user_id(), WorkspaceId(known_id("workspace", input.workspace_id))
        role = await info.context.once(info).roles.create(actor, workspace_id, input.name, input.permissions)
        return WorkspaceRoleCreatePayload(role=WorkspaceCustomRole.of(role))

    @strawberry.mutation(description="Changes a custom role, for all who hold it.")
    async def workspace_role_update(
        self,
        info: Info,
        input: WorkspaceRoleUpdateInput,  # noqa: A002  # the API's name
    ) -> WorkspaceRoleUpdatePayload:
        actor, role_id = info.context.user_id(), RoleId(known_id("role", input.role_id))
        role = await info.context.once(info).roles.update(actor, role_id, input.name, input.permissions)
        return WorkspaceRoleUpdatePayload(role=WorkspaceCustomRole.of(role))

    @strawberry.mutation(description="Deletes a custom role; whoever holds it gets another one.")
    async def workspace_role_delete(
        self,
        info: Info,
        input: WorkspaceRoleDeleteInput,  # noqa: A002  # the API's name
    ) -> WorkspaceRoleDeletePayload:
        actor, role_id = info.context.user_id(), RoleId(known_id("role", input.role_id))
        deleted = await info.context.once(info).roles.delete(
            actor, role_id, asked_role(input.move_to, input.move_to_role_id)
        )
        return WorkspaceRoleDeletePayload(role_id=strawberry.ID(str(deleted.id)))
