"""A mutation under an idempotency key is done once: whoever asks again hears the first answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from tests.testkit.auth_face import Face, acting
from tests.testkit.auth_story import CREATE, INVITE, code, data

ROLE = "mutation($input: WorkspaceRoleCreateInput!) { workspaceRoleCreate(input: $input) { role { id name } } }"
LEAVE = "mutation($input: WorkspaceLeaveInput!) { workspaceLeave(input: $input) { workspaceId } }"
UPDATE = "mutation($input: UserUpdateInput!) { userUpdate(input: $input) { user { displayName } } }"
TWICE = """mutation($input: WorkspaceCreateInput!) {
  one: workspaceCreate(input: $input) { workspace { id } }
  other: workspaceCreate(input: $input) { workspace { id } }
}"""


async def _scene() -> tuple[Face, User, Workspace]:
    face = Face()
    ada = await face.world.person("ada")
    return face, ada, await face.world.tenants.create(ada.id, "Engines", None)


async def test_asking_again_is_answered_again_and_changes_nothing() -> None:
    face, ada, workspace = await _scene()
    bob = await face.world.member(workspace, ada, "bob")
    here = str(workspace.id)
    asked: list[tuple[str, dict[str, Any], User]] = [
        (CREATE, {"name": "Looms"}, ada),
        (INVITE, {"workspaceId": here, "email": "cyd@example.com"}, ada),
        (ROLE, {"workspaceId": here, "name": "Tester", "permissions": ["task.create"]}, ada),
        (LEAVE, {"workspaceId": here}, bob),
        (UPDATE, {"displayName": "Ada L."}, ada),
    ]
    for number, (document, values, person) in enumerate(asked):
        actor, key = acting(person), f"key {number}"
        first = data(await face.ask(document, {"input": values}, actor=actor, key=key))
        told = len(face.world.database.happenings), len(face.world.database.tables.audit)
        assert data(await face.ask(document, {"input": values}, actor=actor, key=key)) == first
        assert (len(face.world.database.happenings), len(face.world.database.tables.audit)) == told


async def test_each_field_of_a_document_is_done_once() -> None:
    face, ada, _ = await _scene()
    variables = {"input": {"name": "Looms"}}
    first = data(await face.ask(TWICE, variables, actor=acting(ada), key="k"))
    assert first["one"] != first["other"]
    assert data(await face.ask(TWICE, variables, actor=acting(ada), key="k")) == first


async def test_another_request_with_the_key_is_refused() -> None:
    face, ada, _ = await _scene()
    await face.ask(CREATE, {"input": {"name": "Looms"}}, actor=acting(ada), key="k", fingerprint="01")
    other = await face.ask(CREATE, {"input": {"name": "Mills"}}, actor=acting(ada), key="k", fingerprint="02")
    assert code(other) == "IDEMPOTENCY_MISMATCH"


async def test_a_key_belongs_to_its_person() -> None:
    face, ada, _ = await _scene()
    eve = await face.world.person("eve")
    mine = data(await face.ask(CREATE, {"input": {"name": "Looms"}}, actor=acting(ada), key="k"))
    hers = data(await face.ask(CREATE, {"input": {"name": "Looms"}}, actor=acting(eve), key="k", fingerprint="02"))
    assert mine != hers


async def test_a_refused_request_keeps_nothing() -> None:
    face, ada, workspace = await _scene()
    asked = {"input": {"workspaceId": str(workspace.id), "name": "Tester", "permissions": []}}
    role = await face.world.role(workspace, ada, name="Tester")
    assert code(await face.ask(ROLE, asked, actor=acting(ada), key="k")) == "EXISTS"
    await face.world.roles.delete(ada.id, role.id, None)
    assert data(await face.ask(ROLE, asked, actor=acting(ada), key="k"))


async def test_of_many_at_once_one_is_done() -> None:
    face, ada, _ = await _scene()
    ask = [face.ask(CREATE, {"input": {"name": "Looms"}}, actor=acting(ada), key="k") for _ in range(5)]
    answers = [data(answer) for answer in await asyncio.gather(*ask)]
    assert all(answer == answers[0] for answer in answers)
    assert len(face.world.database.tables.workspaces) == 2


@pytest.mark.parametrize("document", [CREATE, ROLE, LEAVE])
async def test_nobody_has_no_keys(document: str) -> None:
    values = {
        CREATE: {"name": "x"},
        ROLE: {"workspaceId": "1", "name": "x", "permissions": []},
        LEAVE: {"workspaceId": "1"},
    }
    assert code(await Face().ask(document, {"input": values[document]}, key="k")) == "UNAUTHENTICATED"
