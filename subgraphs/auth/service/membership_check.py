"""Owns the one question before everything in a workspace: does the caller belong to it, and may they do this?"""

from __future__ import annotations

from proto.permissions import Permission, may_give
from subgraphs.auth import errors
from subgraphs.auth.domain.memberships import Membership
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.ports import Stores


async def require(
    stores: Stores, workspace_id: WorkspaceId, user_id: UserId, permission: Permission, *, what: str = "workspace"
) -> tuple[Workspace, Membership]:
    """The workspace and the caller's membership in it.

    Raises NOT_FOUND to those who are not members, exactly as for something (`what`) that does not exist, and FORBIDDEN.
    """
    membership = await stores.memberships.find(workspace_id, user_id)
    workspace = await stores.workspaces.get(workspace_id)
    if workspace is None or membership is None or not membership.active or workspace.deleted_at is not None:
        raise errors.not_found(what)
    if permission not in membership.permissions:
        raise errors.forbidden("Your role in this workspace does not allow this.")
    return workspace, membership


def require_giving(mine: Membership, *given: frozenset[Permission]) -> None:
    """Nobody gives or takes more than they have. Raises FORBIDDEN."""
    if not all(may_give(mine.permissions, one) for one in given):
        raise errors.forbidden("Your role in this workspace does not allow giving or taking this much.")
