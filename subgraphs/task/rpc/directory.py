"""Asks auth about people and workspaces. Invariant: "there is none" is an answer, any other failure is an error."""

from uuid import UUID

from kit.errors import DomainError, Kind
from kit.rpc import Channel
from proto.auth.v1.auth_pb2 import GetWorkspaceContextRequest, VerifyUserRequest
from proto.auth.v1.auth_pb2_grpc import AuthServiceStub
from proto.permissions import Role
from subgraphs.task.domain.memberships import Membership
from subgraphs.task.domain.profiles import Profile

REPEATABLE = ("VerifyUser", "GetWorkspaceContext")
"""The methods that may be called again when one call failed."""


class AuthDirectory:
    """Implements the port `Directory` over a channel to auth."""

    def __init__(self, channel: Channel) -> None:
        self._auth = channel.stub(AuthServiceStub)

    async def membership(self, workspace_id: UUID, user_id: UUID) -> Membership | None:
        request = GetWorkspaceContextRequest(workspace_id=str(workspace_id), user_id=str(user_id))
        try:
            context = await self._auth.GetWorkspaceContext(request)
        except DomainError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        if not context.HasField("membership"):
            return None
        return Membership(
            workspace_id=workspace_id,
            user_id=user_id,
            role=Role.parse(context.membership.role) if context.membership.role else None,
            version=context.membership.version,
            permissions=frozenset(context.membership.permissions),
            workspace_name=context.name,
        )

    async def profile(self, user_id: UUID) -> Profile | None:
        try:
            profile = await self._auth.VerifyUser(VerifyUserRequest(user_id=str(user_id)))
        except DomainError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        return Profile(
            id=user_id,
            email=profile.email,
            display_name=profile.display_name,
            avatar_url=profile.avatar_url or None,
            locale=profile.locale,
            time_zone=profile.time_zone,
            version=profile.version,
        )
