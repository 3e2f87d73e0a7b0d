"""Workspaces, members and invitations through GraphQL: for members alone, others learn nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from kit.graphql import encode_cursor
from proto.permissions import Role
from subgraphs.auth.domain.happenings import UserInvited
from tests.testkit.auth_face import Face, acting
from tests.testkit.auth_story import CREATE, INVITE, REGISTER, code, data

WORKSPACE = """query($id: ID!, $first: Int, $after: String) { workspace(id: $id) { id name slug
  members(first: $first, after: $after) { nodes { role joinedAt user { displayName email } }
    edges { cursor } pageInfo { hasNextPage endCursor } } } }"""
ACCEPT = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) { workspace { id slug } } }"
UPDATE = """mutation($input: WorkspaceMemberUpdateInput!) {
  workspaceMemberUpdate(input: $input) { workspace { id } member { role user { id } } } }"""
REMOVE = """mutation($input: WorkspaceMemberRemoveInput!) {
  workspaceMemberRemove(input: $input) { workspaceId userId } }"""
MINE = """query($first: Int, $after: String) { workspaces(first: $first, after: $after) {
  nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


async def test_create_invite_and_join_by_registering() -> None:
    face = Face()
    ada = await face.world.person("ada")
    created = data(await face.ask(CREATE, {"input": {"name": "Engines"}}, actor=acting(ada)))
    workspace = created["workspaceCreate"]["workspace"]
    assert workspace["slug"] == "engines"
    asked = {"workspaceId": workspace["id"], "email": "Bob@example.com", "role": "GUEST"}
    invited = data(await face.ask(INVITE, {"input": asked}, actor=acting(ada)))["workspaceInvite"]["invitation"]
    assert invited["email"] == "bob@example.com"
    happened = face.world.database.happenings[-1]
    assert isinstance(happened, UserInvited)
    bob = {
        "email": "bob@example.com",
        "password": "correct horse battery",
        "displayName": "Bob",
        "invitationToken": happened.token,
    }
    registered = data(await face.ask(REGISTER, {"input": bob}))["register"]
    assert registered["workspace"] == {"id": workspace["id"]}
    shown = data(await face.ask(WORKSPACE, {"id": workspace["id"]}, actor=acting(ada)))["workspace"]
    assert [(member["role"], member["user"]["displayName"]) for member in shown["members"]["nodes"]] == [
        ("OWNER", "Ada"),
        ("GUEST", "Bob"),
    ]


async def test_the_token_of_an_invitation_is_in_no_answer() -> None:
    face = Face()
    ada = await face.world.person("ada")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    document = INVITE.replace("id email", "id email role expiresAt")
    asked = {"workspaceId": str(workspace.id), "email": "bob@example.com"}
    answer = await face.ask(document, {"input": asked}, actor=acting(ada))
    happened = face.world.database.happenings[-1]
    assert isinstance(happened, UserInvited)
    assert data(answer)
    assert happened.token not in str(answer)


async def test_accepting_as_somebody_logged_in() -> None:
    face = Face()
    ada, bob = await face.world.person("ada"), await face.world.person("bob")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    token = await face.world.invitation_token(workspace, ada, bob.email)
    variables = {"input": {"token": token}}
    assert code(await face.ask(ACCEPT, variables)) == "UNAUTHENTICATED"
    joined = data(await face.ask(ACCEPT, variables, actor=acting(bob)))["invitationAccept"]["workspace"]
    assert joined == {"id": str(workspace.id), "slug": "engines"}
    assert code(await face.ask(ACCEPT, variables, actor=acting(bob))) == "INVITATION_USED"
    assert code(await face.ask(ACCEPT, {"input": {"token": "x"}}, actor=acting(bob))) == "NOT_FOUND"


async def test_a_workspace_of_others_answers_as_an_unknown_one() -> None:
    face = Face()
    ada, eve = await face.world.person("ada"), await face.world.person("eve")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    theirs, unknown = str(workspace.id), str(uuid4())
    for actor in (acting(eve), None):
        answers = [await face.ask(WORKSPACE, {"id": one}, actor=actor) for one in (theirs, unknown, "nonsense")]
        assert answers == [{"data": {"workspace": None}}] * 3
        of = [{"__typename": "Workspace", "id": one} for one in (theirs, unknown, "nonsense")]
        entities = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Workspace { id name } } }"
        assert data(await face.ask(entities, {"of": of}, actor=actor)) == {"_entities": [None] * 3}
    for document, more in (
        (INVITE, {"email": "x@example.com"}),
        (UPDATE, {"userId": str(ada.id), "role": "GUEST"}),
        (REMOVE, {"userId": str(ada.id)}),
    ):
        refusals = []
        for one in (theirs, unknown, "nonsense"):
            answer = await face.ask(document, {"input": {"workspaceId": one, **more}}, actor=acting(eve))
            (error,) = answer["errors"]
            refusals.append((error["message"], error["extensions"]["code"], answer["data"]))
        assert refusals == [("There is no such workspace.", "NOT_FOUND", None)] * 3
    assert len(face.world.database.tables.invitations) == 0


async def test_members_come_in_pages() -> None:
    face = Face()
    ada = await face.world.person("ada")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    for name in ("bob", "cyd"):
        await face.world.member(workspace, ada, name)
    seen, after = [], None
    for more in (True, False):
        variables = {"id": str(workspace.id), "first": 2, "after": after}
        page = data(await face.ask(WORKSPACE, variables, actor=acting(ada)))["workspace"]["members"]
        assert page["pageInfo"]["hasNextPage"] is more
        seen += [member["user"]["displayName"] for member in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["Ada", "Bob", "Cyd"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"first": 0}, "BAD_INPUT"),
        ({"first": -5}, "BAD_INPUT"),
        ({"first": 101}, "BAD_INPUT"),
        ({"after": "garbage"}, "CURSOR_INVALID"),
        ({"after": encode_cursor("workspaces", str(uuid4()))}, "CURSOR_INVALID"),
        ({"after": encode_cursor("members", "no id")}, "CURSOR_INVALID"),
        ({"after": encode_cursor("members", 7)}, "CURSOR_INVALID"),
    ],
)
async def test_bad_pages_are_refused(page: dict[str, Any], expected: str) -> None:
    face = Face()
    ada = await face.world.person("ada")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    assert code(await face.ask(WORKSPACE, {"id": str(workspace.id), **page}, actor=acting(ada))) == expected


async def test_my_workspaces_come_in_pages_and_are_only_mine() -> None:
    face = Face()
    ada, eve = await face.world.person("ada"), await face.world.person("eve")
    for name in ("One", "Two", "Three"):
        await face.world.tenants.create(ada.id, name, None)
    await face.world.tenants.create(eve.id, "Hers", None)
    first = data(await face.ask(MINE, {"first": 2}, actor=acting(ada)))["workspaces"]
    assert [one["name"] for one in first["nodes"]] == ["One", "Two"]
    assert first["pageInfo"]["hasNextPage"]
    rest = {"first": 2, "after": first["pageInfo"]["endCursor"]}
    second = data(await face.ask(MINE, rest, actor=acting(ada)))["workspaces"]
    assert [one["name"] for one in second["nodes"]] == ["Three"]
    assert second["pageInfo"]["hasPreviousPage"]
    assert code(await face.ask(MINE)) == "UNAUTHENTICATED"


async def test_roles_change_and_memberships_end() -> None:
    face = Face()
    ada = await face.world.person("ada")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    bob = await face.world.member(workspace, ada, "bob", Role.GUEST)
    member = {"workspaceId": str(workspace.id), "userId": str(bob.id)}
    changed = data(await face.ask(UPDATE, {"input": {**member, "role": "ADMIN"}}, actor=acting(ada)))
    assert changed["workspaceMemberUpdate"]["member"] == {"role": "ADMIN", "user": {"id": str(bob.id)}}
    assert data(await face.ask(REMOVE, {"input": member}, actor=acting(ada)))["workspaceMemberRemove"] == member
    assert code(await face.ask(REMOVE, {"input": member}, actor=acting(ada))) == "NOT_FOUND"
    assert code(await face.ask(REMOVE, {"input": {**member, "userId": "?"}}, actor=acting(ada))) == "NOT_FOUND"
    last = {"workspaceId": str(workspace.id), "userId": str(ada.id)}
    assert code(await face.ask(REMOVE, {"input": last}, actor=acting(ada))) == "PRECONDITION_FAILED"


async def test_nobody_founds_nothing() -> None:
    face = Face()
    assert code(await face.ask(CREATE, {"input": {"name": "Engines"}})) == "UNAUTHENTICATED"
    assert face.world.database.tables.workspaces == {}


async def test_a_list_of_members_asks_the_database_once_for_all_people() -> None:
    face = Face()
    ada = await face.world.person("ada")
    workspace = await face.world.tenants.create(ada.id, "Engines", None)
    for number in range(10):
        await face.world.member(workspace, ada, f"person{number}")
    users = face.world.database.users
    asked_before = users.lists_asked
    shown = data(await face.ask(WORKSPACE, {"id": str(workspace.id)}, actor=acting(ada)))
    assert len(shown["workspace"]["members"]["nodes"]) == 11
    assert users.lists_asked == asked_before + 1
