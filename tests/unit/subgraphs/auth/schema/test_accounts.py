"""Signing up, logging in, refreshing and logging out through GraphQL, and who sees whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from kit.identity import Actor
from tests.testkit.auth_face import Face, acting
from tests.testkit.auth_memory import MemoryAttempts
from tests.testkit.auth_story import LOGIN, LOGOUT, PASSWORD, REGISTER, code, data
from tests.testkit.auth_world import HOME, World

ME = "{ me { id displayName avatarUrl email } }"
REFRESH = "mutation($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken user { id email } } }"
ENTITIES = "query($of: [_Any!]!) { _entities(representations: $of) { ... on User { id displayName email } } }"
ADA = {"email": "Ada@Example.com", "password": PASSWORD, "displayName": "Ada"}


async def _entities(face: Face, actor: Actor | None, ids: list[str]) -> list[Any]:
    of = [{"__typename": "User", "id": user_id} for user_id in ids]
    found: list[Any] = data(await face.ask(ENTITIES, {"of": of}, actor=actor))["_entities"]
    return found


async def test_register_log_in_and_be_me() -> None:
    face = Face()
    registered = data(await face.ask(REGISTER, {"input": ADA}))["register"]
    assert registered == {"user": {"id": registered["user"]["id"], "email": "ada@example.com"}, "workspace": None}
    login = data(await face.ask(LOGIN, {"input": {"email": "ada@example.com", "password": PASSWORD}}))["login"]
    assert login["user"]["id"] == registered["user"]["id"]
    actor = Actor(user_id=UUID(login["user"]["id"]), session_id=UUID(login["sessionId"]))
    assert data(await face.ask(ME, actor=actor))["me"] == {
        "id": login["user"]["id"],
        "displayName": "Ada",
        "avatarUrl": None,
        "email": "ada@example.com",
    }
    refreshed = data(await face.ask(REFRESH, {"input": {"refreshToken": login["refreshToken"]}}))["refresh"]
    assert refreshed["user"] == {"id": login["user"]["id"], "email": "ada@example.com"}
    assert data(await face.ask(LOGOUT, actor=actor))["logout"] == {"sessionIds": [login["sessionId"]]}
    again = await face.ask(REFRESH, {"input": {"refreshToken": refreshed["refreshToken"]}})
    assert code(again) == "SESSION_ENDED"


async def test_nobody_is_nobody() -> None:
    face = Face()
    assert data(await face.ask(ME)) == {"me": None}
    assert code(await face.ask(LOGOUT)) == "UNAUTHENTICATED"
    assert code(await face.ask("mutation { logout(input: {everywhere: true}) { sessionIds } }")) == "UNAUTHENTICATED"


async def test_a_refresh_token_alone_logs_out() -> None:
    face = Face()
    await face.world.person("ada")
    grant = await face.world.logins.login("ada@example.com", PASSWORD, HOME)
    document = "mutation($input: LogoutInput!) { logout(input: $input) { sessionIds } }"
    ended = await face.ask(document, {"input": {"refreshToken": grant.refresh_token}})
    assert data(ended)["logout"]["sessionIds"] == [str(grant.session.id)]
    assert code(await face.ask(document, {"input": {"refreshToken": "made up"}})) == "TOKEN_INVALID"


async def test_everywhere_logs_all_sessions_out() -> None:
    face = Face()
    ada = await face.world.person("ada")
    grants = [await face.world.logins.login(ada.email, PASSWORD, HOME) for _ in range(3)]
    answer = await face.ask("mutation { logout(input: {everywhere: true}) { sessionIds } }", actor=acting(ada))
    assert set(data(answer)["logout"]["sessionIds"]) == {str(grant.session.id) for grant in grants}


@pytest.mark.parametrize(
    ("changes", "expected", "field"),
    [
        ({"email": "nobody"}, "BAD_INPUT", "email"),
        ({"password": "short"}, "PASSWORD_WEAK", "password"),
        ({"displayName": ""}, "BAD_INPUT", "displayName"),
        ({"displayName": "x" * 1_000_000}, "BAD_INPUT", "displayName"),
        ({"locale": "xx_YY"}, "BAD_INPUT", "locale"),
        ({"timeZone": "Mars"}, "BAD_INPUT", "timeZone"),
    ],
)
async def test_bad_input_names_its_field(changes: Mapping[str, str], expected: str, field: str) -> None:
    face = Face()
    answer = await face.ask(REGISTER, {"input": {**ADA, **changes}})
    assert answer["data"] is None
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == expected
    assert list(error["extensions"]["fields"]) == [field]
    assert face.world.database.tables.users == {}


@pytest.mark.parametrize("variables", [{}, {"input": {"email": "a@b.co"}}, {"input": {**ADA, "role": "OWNER"}}])
async def test_input_that_does_not_fit_the_schema_is_refused(variables: dict[str, Any]) -> None:
    assert code(await Face().ask(REGISTER, variables)) == "GRAPHQL_VALIDATION_FAILED"


async def test_the_address_in_the_token_is_the_one_that_counts() -> None:
    face = Face(World(attempts=MemoryAttempts(pair=1)))
    await face.world.person("ada")
    wrong = {"input": {"email": "ada@example.com", "password": "wrong password"}}
    assert code(await face.ask(LOGIN, wrong)) == "CREDENTIALS_INVALID"
    limited = await face.ask(LOGIN, wrong)
    assert code(limited) == "RATE_LIMITED"
    assert limited["errors"][0]["extensions"]["fields"]["retryAfter"] > 0
    assert code(await face.ask(LOGIN, wrong, address="198.51.100.9")) == "CREDENTIALS_INVALID"


async def test_an_unknown_account_and_a_wrong_password_read_the_same() -> None:
    face = Face()
    await face.world.person("ada")
    answers = [
        await face.ask(LOGIN, {"input": {"email": email, "password": "wrong password"}})
        for email in ("ada@example.com", "eve@example.com")
    ]
    for answer in answers:
        del answer["errors"][0]["extensions"]["traceId"]
    assert answers[0] == answers[1]


async def test_strangers_and_unknown_ids_are_null_alike_and_members_are_not() -> None:
    face = Face()
    ada, eve = await face.world.person("ada"), await face.world.person("eve")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    bob = await face.world.member(workspace, ada, "bob")
    ids = [str(eve.id), str(UUID(int=7)), "not an id", "", str(ada.id), str(bob.id)]
    nobody = [None] * 4
    assert await _entities(face, acting(ada), ids) == [
        *nobody,
        {"id": str(ada.id), "displayName": "Ada", "email": "ada@example.com"},
        {"id": str(bob.id), "displayName": "Bob", "email": "bob@example.com"},
    ]
    assert await _entities(face, None, ids) == [None] * 6
    await face.world.members.change(ada.id, workspace.id, bob.id, None)
    assert (await _entities(face, acting(ada), [str(bob.id)]))[0]["email"] is None
    assert await _entities(face, acting(bob), [str(ada.id)]) == [None]


async def test_without_the_gateways_token_nothing_is_answered() -> None:
    face = Face()
    for headers in ({}, {"taskflow-internal": "made.up.token"}, {"authorization": "Bearer x"}):
        for document in ("{ _service { sdl } }", ME, "{ __typename }"):
            response = await face.http.post("/graphql", json={"query": document}, headers=headers)
            assert response.status_code == 401
            assert code(response.json()) == "GATEWAY_REQUIRED"
