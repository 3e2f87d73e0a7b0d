"""What auth answers becomes memberships and profiles; that there is none is an answer too."""

from collections.abc import AsyncIterator

import pytest

from kit.errors import DomainError
from kit.identity import InternalTokens
from kit.ids import new_id
from kit.rpc import channel
from proto.permissions import Role
from subgraphs.task.rpc.directory import AuthDirectory
from tests.unit.subgraphs.task.auth_stub import SEED, AuthStub, auth_stub


@pytest.fixture
async def auth() -> AsyncIterator[tuple[AuthStub, AuthDirectory]]:
    async with (
        auth_stub() as (stub, port),
        channel("auth", [f"127.0.0.1:{port}"], InternalTokens(SEED, "task")) as wire,
    ):
        yield stub, AuthDirectory(wire)


async def test_a_membership_has_its_role_and_version(auth: tuple[AuthStub, AuthDirectory]) -> None:
    stub, directory = auth
    workspace_id, ada = new_id(), new_id()
    stub.roles[workspace_id, ada] = "admin"
    membership = await directory.membership(workspace_id, ada)
    assert membership is not None
    assert (membership.role, membership.version, membership.workspace_name) == (Role.ADMIN, 1, "Acme")


async def test_somebody_who_is_no_member_has_no_role(auth: tuple[AuthStub, AuthDirectory]) -> None:
    membership = await auth[1].membership(new_id(), new_id())
    assert membership is not None
    assert membership.role is None


async def test_a_workspace_that_does_not_exist_has_no_members(auth: tuple[AuthStub, AuthDirectory]) -> None:
    stub, directory = auth
    stub.gone = True
    assert await directory.membership(new_id(), new_id()) is None


async def test_a_profile_or_none(auth: tuple[AuthStub, AuthDirectory]) -> None:
    stub, directory = auth
    ada = new_id()
    stub.profiles[ada] = "Ada"
    profile = await directory.profile(ada)
    assert profile is not None
    assert (profile.display_name, profile.avatar_url) == ("Ada", None)
    assert await directory.profile(new_id()) is None


async def test_an_outage_is_no_answer() -> None:
    async with channel("auth", ["127.0.0.1:1"], InternalTokens(SEED, "task")) as wire:
        for question in (AuthDirectory(wire).profile(new_id()), AuthDirectory(wire).membership(new_id(), new_id())):
            with pytest.raises(DomainError) as refused:
                await question
            assert refused.value.code in {"UNAVAILABLE", "TIMEOUT"}
