"""What auth answers over gRPC, and what its absence means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import pytest

from kit.errors import DomainError
from kit.identity import InternalTokens, InternalVerifier, new_seed, public_of
from kit.ids import new_id
from kit.rpc import ChannelOptions, channel, server
from proto.auth.v1.auth_pb2 import GetWorkspaceContextRequest, WorkspaceContext, WorkspaceMembership
from proto.auth.v1.auth_pb2_grpc import add_AuthServiceServicer_to_server
from scripts.engines.ports import LOOPBACK, free_port
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.rpc.directory import REPEATABLE, AuthDirectory
from tests.testkit.notification.process import ScriptedAuth

WORKSPACE, MEMBER, STRANGER = new_id(), new_id(), new_id()


class Auth(ScriptedAuth):
    """One workspace with one member."""

    async def GetWorkspaceContext(self, request: GetWorkspaceContextRequest, context: object) -> WorkspaceContext:
        if request.workspace_id != str(WORKSPACE):
            raise DomainError.of("NOT_FOUND", "There is no such workspace.")
        role = "MEMBER" if request.user_id == str(MEMBER) else ""
        membership = WorkspaceMembership(user_id=request.user_id, role=role, version=4)
        return WorkspaceContext(workspace_id=request.workspace_id, name="Engines", membership=membership)


@asynccontextmanager
async def directory(port: int, seed: str) -> AsyncIterator[AuthDirectory]:
    options = ChannelOptions(timeout_seconds=1.0, repeatable=REPEATABLE)
    async with channel("auth", [f"{LOOPBACK}:{port}"], InternalTokens(seed, "notification"), options) as wire:
        yield AuthDirectory(wire)


@pytest.fixture
async def auth() -> AsyncIterator[tuple[Auth, AuthDirectory]]:
    seed, servicer = new_seed(), Auth()
    register = [partial(add_AuthServiceServicer_to_server, servicer)]
    async with (
        server(register, InternalVerifier([public_of(seed)], "auth"), LOOPBACK, 0) as rpc,
        directory(rpc.port, seed) as asking,
    ):
        yield servicer, asking


async def test_a_person_is_known_or_not(auth: tuple[Auth, AuthDirectory]) -> None:
    servicer, asking = auth
    bob = servicer.add("bob")
    found = await asking.profile(bob)
    assert found is not None
    assert (found.user_id, found.display_name, found.email) == (bob, "Bob", servicer.email(bob))
    assert await asking.profile(new_id()) is None


@pytest.mark.parametrize(
    ("workspace_id", "user_id", "expected"),
    [
        (WORKSPACE, MEMBER, Membership(workspace_id=WORKSPACE, user_id=MEMBER, role="MEMBER", version=4)),
        (WORKSPACE, STRANGER, Membership(workspace_id=WORKSPACE, user_id=STRANGER, role=None, version=4)),
        (new_id(), MEMBER, None),
    ],
)
async def test_a_membership_is_told_with_its_absence(
    auth: tuple[Auth, AuthDirectory], workspace_id: UUID, user_id: UUID, expected: Membership | None
) -> None:
    assert await auth[1].membership(workspace_id, user_id) == expected


async def test_an_auth_that_is_away_is_something_to_wait_for() -> None:
    async with directory(free_port(), new_seed()) as asking:
        with pytest.raises(DomainError) as away:
            await asking.profile(new_id())
    assert away.value.retryable
