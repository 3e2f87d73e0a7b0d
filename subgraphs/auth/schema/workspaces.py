"""Owns `Workspace`: the tenant, for its members alone."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

import strawberry

from kit.graphql import Connection, connection, decode_cursor, encode_cursor, page_request
from kit.ids import parse_id
from subgraphs.auth.domain import workspaces as domain
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.memberships import WorkspaceMember

_MEMBERS = "members"

First = Annotated[int | None, strawberry.argument(description="How many, 1 to 100; 50 when not said.")]
After = Annotated[str | None, strawberry.argument(description="The cursor behind which the page starts.")]


@strawberry.federation.type(keys=["id"], description="A team's space: everything else belongs to one.")
class Workspace:
    id: strawberry.ID
    name: str
    slug: str = strawberry.field(description="The name in addresses; no other workspace has it.")

    @strawberry.field(description="The people in it, in the order in which they joined.")
    async def members(self, info: Info, first: First = None, after: After = None) -> Connection[WorkspaceMember]:
        page = page_request(first, after)
        members, more = await info.context.use.members.page(
            info.context.user_id(), WorkspaceId(UUID(self.id)), first=page.first, after=position(_MEMBERS, page.after)
        )
        return connection(members, node=WorkspaceMember.of, cursor=_cursor, has_more=more, after=page.after)

    @classmethod
    def of(cls, workspace: domain.Workspace) -> Self:
        return cls(id=strawberry.ID(str(workspace.id)), name=workspace.name, slug=workspace.slug)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:  # noqa: A002  # the key's name
        return await cls.load(info, id)

    @classmethod
    async def load(cls, info: Info, text: str) -> Self | None:
        """The workspace with an id, or None: unknown and not a member are one answer."""
        workspace_id = parse_id(text)
        found = None if workspace_id is None else await info.context.workspaces.load(WorkspaceId(workspace_id))
        return None if found is None else cls.of(found)


def position(list_name: str, cursor: str | None) -> MembershipId | None:
    """The membership behind which a page starts. Raises CURSOR_INVALID."""
    if cursor is None:
        return None
    (text,) = decode_cursor(list_name, cursor, str)
    value = parse_id(str(text))
    if value is None:
        decode_cursor(list_name, "")  # refuses it as it refuses any other altered cursor
    return None if value is None else MembershipId(value)


def _cursor(membership: Membership) -> str:
    return encode_cursor(_MEMBERS, str(membership.id))


@strawberry.input(description="Founds a workspace; its founder is its owner.")
class WorkspaceCreateInput:
    name: str
    slug: str | None = strawberry.field(default=None, description="Made from the name when not given.")


@strawberry.type
class WorkspaceCreatePayload:
    workspace: Workspace


@strawberry.type
class WorkspaceMemberUpdatePayload:
    workspace: Workspace
    member: WorkspaceMember


@strawberry.type
class WorkspaceMemberRemovePayload:
    workspace_id: strawberry.ID
    user_id: strawberry.ID
