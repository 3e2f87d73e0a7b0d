"""A stand-in for auth's gRPC service: says what tests tell it, counts the questions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import grpc

from kit.errors import DomainError
from kit.identity import InternalVerifier, new_seed, public_of
from kit.rpc import server
from proto.auth.v1.auth_pb2 import (
    GetWorkspaceContextRequest,
    UserProfile,
    VerifyResponse,
    VerifySessionRequest,
    VerifyUserRequest,
    WorkspaceContext,
    WorkspaceMembership,
)
from proto.auth.v1.auth_pb2_grpc import AuthServiceServicer, add_AuthServiceServicer_to_server

SEED = new_seed()
KEYS = (public_of(SEED),)


@dataclass
class AuthStub(AuthServiceServicer):
    """Answers with what the tests put into it and counts the questions."""

    roles: dict[tuple[UUID, UUID], str] = field(default_factory=dict)
    profiles: dict[UUID, str] = field(default_factory=dict)
    asked: list[tuple[UUID, UUID]] = field(default_factory=list)
    gone: bool = False

    async def VerifySession(
        self, request: VerifySessionRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> VerifyResponse:
        raise DomainError.of("UNAUTHENTICATED", "Nobody asks this here.")

    async def GetWorkspaceContext(
        self, request: GetWorkspaceContextRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> WorkspaceContext:
        key = (UUID(request.workspace_id), UUID(request.user_id))
        self.asked.append(key)
        if self.gone:
            raise DomainError.of("NOT_FOUND", "There is no such workspace.")
        membership = WorkspaceMembership(user_id=request.user_id, role=self.roles.get(key, ""), version=1)
        return WorkspaceContext(workspace_id=request.workspace_id, name="Acme", membership=membership)

    async def VerifyUser(self, request: VerifyUserRequest, context: grpc.aio.ServicerContext[Any, Any]) -> UserProfile:
        name = self.profiles.get(UUID(request.user_id))
        if name is None:
            raise DomainError.of("NOT_FOUND", "There is no such user.")
        return UserProfile(
            user_id=request.user_id, email="x@example.org", display_name=name, locale="en", time_zone="UTC", version=1
        )


@asynccontextmanager
async def auth_stub() -> AsyncIterator[tuple[AuthStub, int]]:
    """The stand-in and its port."""
    stub = AuthStub()
    verifier = InternalVerifier(KEYS, "auth")
    async with server([partial(add_AuthServiceServicer_to_server, stub)], verifier, "127.0.0.1", 0) as opened:
        yield stub, opened.port
