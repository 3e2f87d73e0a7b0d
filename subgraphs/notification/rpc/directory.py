"""Asks auth for what no event has told yet."""

from __future__ import annotations

from uuid import UUID

from kit.errors import DomainError, Kind
from kit.rpc import Channel
from proto.auth.v1.auth_pb2 import GetWorkspaceContextRequest, VerifyUserRequest
from proto.auth.v1.auth_pb2_grpc import AuthServiceStub
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.profiles import Profile

REPEATABLE = ("VerifyUser", "GetWorkspaceContext")


class AuthDirectory:
    """`service.ports.Directory` on auth's gRPC."""

    def __init__(self, channel: Channel) -> None:
        self._auth = channel.stub(AuthServiceStub)

    async def profile(self, user_id: UUID) -> Profile | None:
        try:
            found = await self._auth.VerifyUser(VerifyUserRequest(user_id=str(user_id)))
        except DomainError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        return Profile(
            user_id=user_id,
            email=found.email,
            display_name=found.display_name,
            locale=found.locale,
            time_zone=found.time_zone,
            version=found.version,
        )

    async def membership(self, workspace_id: UUID, user_id: UUID) -> Membership | None:
        request = GetWorkspaceContextRequest(workspace_id=str(workspace_id), user_id=str(user_id))
        try:
            found = (await self._auth.GetWorkspaceContext(request)).membership
        except DomainError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        return Membership(workspace_id=workspace_id, user_id=user_id, role=found.role or None, version=found.version)
