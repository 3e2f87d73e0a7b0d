"""Sessions, passwords and profiles through GraphQL, as their person would handle them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from kit.identity import Actor
from subgraphs.auth.domain.users import User
from subgraphs.auth.service.sessions import Grant
from tests.testkit.auth_face import Face, acting
from tests.testkit.auth_story import LOGIN, PASSWORD, code, data
from tests.testkit.auth_world import ADDRESS, HOME

SESSIONS = """query($first: Int, $after: String) {
  sessions(first: $first, after: $after) {
    nodes { id agent address current createdAt lastSeenAt expiresAt } pageInfo { hasNextPage endCursor }
  }
}"""
REVOKE = "mutation($id: ID!) { sessionRevoke(input: {sessionId: $id}) { sessionId } }"
CHANGE = "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) { sessionIds } }"
ASK = "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { accepted } }"
RESET = "mutation($input: PasswordResetInput!) { passwordReset(input: $input) { sessionIds } }"
VERIFY = "mutation($token: String!) { emailVerify(input: {token: $token}) { userId } }"
RESEND = "mutation { emailVerificationResend { sent user { emailVerified } } }"
UPDATE = """mutation($input: UserUpdateInput!) {
  userUpdate(input: $input) { user { displayName avatarUrl timeZone locale emailVerified } }
}"""
BETTER = "an even better staple"


async def _in_session(face: Face, user: User) -> tuple[Actor, Grant]:
    grant = await face.world.logins.login(user.email, PASSWORD, HOME)
    return Actor(user_id=user.id, session_id=grant.session.id), grant


async def _page(face: Face, actor: Actor, **variables: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    page = data(await face.ask(SESSIONS, variables, actor=actor))["sessions"]
    return page["nodes"], page["pageInfo"]


async def test_a_person_sees_where_they_are_logged_in_and_ends_one_session() -> None:
    face = Face()
    ada = await face.world.person("ada")
    laptop, _ = await _in_session(face, ada)
    await face.ask(LOGIN, {"input": {"email": ada.email, "password": PASSWORD}}, address="198.51.100.4", agent="Phone")
    phone, current = (await _page(face, laptop))[0]
    assert (phone["agent"], phone["address"], phone["current"]) == ("Phone", "198.51.100.4", False)
    assert (current["agent"], current["address"], current["current"]) == ("Firefox", ADDRESS, True)
    assert data(await face.ask(REVOKE, {"id": phone["id"]}, actor=laptop))["sessionRevoke"]["sessionId"] == phone["id"]
    assert [one["id"] for one in (await _page(face, laptop))[0]] == [current["id"]]


async def test_sessions_come_in_pages() -> None:
    face = Face()
    ada = await face.world.person("ada")
    opened = [str((await _in_session(face, ada))[0].session_id) for _ in range(3)]
    first, info = await _page(face, acting(ada), first=2)
    rest, end = await _page(face, acting(ada), first=2, after=info["endCursor"])
    assert [one["id"] for one in first + rest] == opened[::-1]
    assert (info["hasNextPage"], end["hasNextPage"]) == (True, False)


async def test_somebody_elses_session_reads_as_one_that_does_not_exist() -> None:
    face = Face()
    ada, eve = await face.world.person("ada"), await face.world.person("eve")
    _, grant = await _in_session(face, ada)
    answers = []
    for unknown in (str(grant.session.id), str(uuid4()), "not an id"):
        answer = await face.ask(REVOKE, {"id": unknown}, actor=acting(eve))
        del answer["errors"][0]["extensions"]["traceId"]
        answers.append(answer)
    assert answers[0] == answers[1] == answers[2]
    assert code(answers[0]) == "NOT_FOUND"
    assert await face.world.logins.prove(grant.access_token)


async def test_nobody_has_no_sessions_and_no_profile() -> None:
    face = Face()
    for document, variables in (
        (SESSIONS, {}),
        (REVOKE, {"id": str(uuid4())}),
        (CHANGE, {"input": {"currentPassword": PASSWORD, "newPassword": BETTER}}),
        (RESEND, {}),
        (UPDATE, {"input": {"displayName": "Eve"}}),
    ):
        assert code(await face.ask(document, variables)) == "UNAUTHENTICATED"


async def test_changing_the_password_says_which_sessions_are_over() -> None:
    face = Face()
    ada = await face.world.person("ada")
    here, _ = await _in_session(face, ada)
    there, _ = await _in_session(face, ada)
    wrong = await face.ask(CHANGE, {"input": {"currentPassword": "no", "newPassword": BETTER}}, actor=here)
    assert list(wrong["errors"][0]["extensions"]["fields"]) == ["currentPassword"]
    changed = await face.ask(CHANGE, {"input": {"currentPassword": PASSWORD, "newPassword": BETTER}}, actor=here)
    assert data(changed)["passwordChange"]["sessionIds"] == [str(there.session_id)]


async def test_a_forgotten_password_is_replaced_by_mail_and_nobody_learns_who_has_an_account() -> None:
    face = Face()
    ada = await face.world.person("ada")
    answers = [await face.ask(ASK, {"email": email}) for email in (ada.email, "nobody@example.com")]
    assert answers[0] == answers[1] == {"data": {"passwordResetRequest": {"accepted": True}}}
    reset = {"token": face.world.mailed_token(), "newPassword": BETTER}
    assert data(await face.ask(RESET, {"input": reset}))["passwordReset"] == {"sessionIds": []}
    assert code(await face.ask(RESET, {"input": reset})) == "MAIL_TOKEN_INVALID"
    assert data(await face.ask(LOGIN, {"input": {"email": ada.email, "password": BETTER}}))


async def test_an_address_is_proven_by_the_link_of_a_mail() -> None:
    face = Face()
    ada = await face.world.person("ada")
    resent = data(await face.ask(RESEND, actor=acting(ada)))["emailVerificationResend"]
    assert resent == {"sent": True, "user": {"emailVerified": False}}
    verified = data(await face.ask(VERIFY, {"token": face.world.mailed_token()}))["emailVerify"]
    assert verified == {"userId": str(ada.id)}
    again = data(await face.ask(RESEND, actor=acting(ada)))["emailVerificationResend"]
    assert again == {"sent": False, "user": {"emailVerified": True}}


async def test_a_profile_changes_where_something_was_sent() -> None:
    face = Face()
    ada = await face.world.person("ada")
    changes: list[dict[str, Any]] = [
        {"displayName": "Ada L.", "avatarUrl": "https://pictures.example/a.png"},
        {"timeZone": "Europe/Berlin", "locale": "de"},
        {"avatarUrl": None},
        {},
    ]
    for change in changes:
        updated = data(await face.ask(UPDATE, {"input": change}, actor=acting(ada)))["userUpdate"]["user"]
    assert updated == {
        "displayName": "Ada L.",
        "avatarUrl": None,
        "timeZone": "Europe/Berlin",
        "locale": "de",
        "emailVerified": False,
    }
    for field in ("displayName", "timeZone", "locale"):
        refused = await face.ask(UPDATE, {"input": {field: None}}, actor=acting(ada))
        assert list(refused["errors"][0]["extensions"]["fields"]) == [field]


async def test_others_see_of_a_person_only_what_is_theirs_to_see() -> None:
    face = Face()
    ada = await face.world.person("ada")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    bob = await face.world.member(workspace, ada, "bob")
    document = (
        "query($of: [_Any!]!) { _entities(representations: $of) { ... on User { timeZone locale emailVerified } } }"
    )
    of = [{"__typename": "User", "id": str(one.id)} for one in (ada, bob)]
    seen = data(await face.ask(document, {"of": of}, actor=acting(bob)))["_entities"]
    assert seen == [
        {"timeZone": "UTC", "locale": None, "emailVerified": None},
        {"timeZone": "UTC", "locale": "en", "emailVerified": True},
    ]
