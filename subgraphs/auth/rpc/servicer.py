"""Owns the answers of AuthService: the gateway's proof of sessions, and what other services must know about people and
workspaces when their own copies have not arrived yet."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from proto.auth.v1 import auth_pb2 as wire
from proto.auth.v1.auth_pb2_grpc import AuthServiceServicer
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.rpc.ids import known_id
from subgraphs.auth.service.sessions import Logins
from subgraphs.auth.service.users import Accounts
from subgraphs.auth.service.workspaces import Tenants, WorkspaceContext

Context = grpc.aio.ServicerContext[Any, Any]


class AuthServicer(AuthServiceServicer):
    """Translates calls into use cases; the server's edge has verified the calling service."""

    def __init__(self, logins: Logins, accounts: Accounts, tenants: Tenants) -> None:
        self._logins = logins
        self._accounts = accounts
        self._tenants = tenants

    async def VerifySession(self, request: wire.VerifySessionRequest, context: Context) -> wire.VerifyResponse:  # noqa: N802
        proven = await self._logins.prove(request.token)
        expires_at = Timestamp()
        expires_at.FromDatetime(proven.expires_at)
        return wire.VerifyResponse(
            user_id=str(proven.user.id),
            session_id=str(proven.session_id),
            email=proven.user.email,
            display_name=proven.user.display_name,
            expires_at=expires_at,
            memberships=[
                wire.Membership(
                    workspace_id=str(membership.workspace_id),
                    role=membership.role or "",
                    permissions=sorted(membership.named),
                )
                for membership in proven.memberships
            ],
        )

    async def VerifyUser(self, request: wire.VerifyUserRequest, context: Context) -> wire.UserProfile:  # noqa: N802
        user = await self._accounts.profile(UserId(known_id("user", request.user_id)))
        return wire.UserProfile(
            user_id=str(user.id),
            email=user.email,
            display_name=user.display_name,
            avatar_url=user.avatar_url or "",
            locale=user.locale,
            time_zone=user.time_zone,
            version=user.version,
        )

    async def GetWorkspaceContext(  # noqa: N802
        self, request: wire.GetWorkspaceContextRequest, context: Context
    ) -> wire.WorkspaceContext:
        user_id = UserId(known_id("user", request.user_id)) if request.HasField("user_id") else None
        found = await self._tenants.context(WorkspaceId(known_id("workspace", request.workspace_id)), user_id)
        return wire.WorkspaceContext(
            workspace_id=str(found.workspace.id),
            name=found.workspace.name,
            membership=None if user_id is None else _membership(user_id, found),
        )


def _membership(user_id: UserId, found: WorkspaceContext) -> wire.WorkspaceMembership:
    membership = found.membership
    if membership is None:
        return wire.WorkspaceMembership(user_id=str(user_id), role="", version=0)
    if not membership.active:
        return wire.WorkspaceMembership(user_id=str(user_id), role="", version=membership.version)
    return wire.WorkspaceMembership(
        user_id=str(user_id),
        role=membership.role or "",
        version=membership.version,
        permissions=sorted(membership.named),
    )
