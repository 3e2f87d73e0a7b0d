"""Every operation of auth, run as every role: what happens is what the table of policies says, cell by cell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from kit.identity import Actor
from proto.permissions import Permission, Role
from proto.policies import FIELDS, OPERATIONS, Policy
from subgraphs.auth.__main__ import SNAPSHOT
from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from subgraphs.auth.service.sessions import Grant
from tests.testkit.auth_face import Face
from tests.testkit.auth_world import HOME, PASSWORD
from tests.testkit.policy_cells import BUILT_IN, Outcome, Who, expected, named, outcome, root_fields

Asked = tuple[str, dict[str, Any]]
READS = {"Query.workspace", "Query.workspaceBySlug", *FIELDS}


@dataclass
class Scene:
    """A workspace of Ada's, somebody who tries, and a guest whom things are done to."""

    face: Face
    policy: Policy
    ada: User
    workspace: Workspace
    tester: User
    guest: User
    session: Grant

    @classmethod
    async def of(cls, who: Who, policy: Policy) -> Scene:
        face = Face()
        world = face.world
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", "engines")
        guest = await world.member(workspace, ada, "guest", Role.GUEST)
        if who in (Who.STRANGER, Who.NOBODY):
            tester = await world.person("tester")
            await world.tenants.create(tester.id, "Looms", "looms")
        elif who in BUILT_IN:
            tester = await world.member(workspace, ada, "tester", BUILT_IN[who])
        else:
            role = await world.role(workspace, ada, *named(who, policy), name="Just this")
            tester = await world.member(workspace, ada, "tester", role.id)
        session = await world.logins.login(tester.email, PASSWORD, HOME)
        return cls(face, policy, ada, workspace, tester, guest, session)

    async def role_id(self) -> str:
        return str((await self.face.world.role(self.workspace, self.ada, name="Other")).id)

    async def invitation_id(self) -> str:
        invite = self.face.world.inviting.invite
        return str((await invite(self.ada.id, self.workspace.id, "cyd@example.com", Role.GUEST)).id)

    async def reset_token(self) -> str:
        await self.face.world.credentials.request_reset(self.guest.email, HOME)
        return self.face.world.mailed_token()

    async def verification_token(self) -> str:
        await self.face.world.person("fresh")
        return self.face.world.mailed_token()

    async def own_invitation_token(self) -> str:
        other = await self.face.world.tenants.create(self.ada.id, "Third", None)
        return await self.face.world.invitation_token(other, self.ada, self.tester.email)

    async def other_session_id(self) -> str:
        return str((await self.face.world.logins.login(self.tester.email, PASSWORD, HOME)).session.id)


Sample = Callable[[Scene], Awaitable[Asked]]
SAMPLES: dict[str, Sample] = {}


def mutation(name: str, selection: str) -> Callable[[Callable[[Scene], Awaitable[dict[str, Any]]]], None]:
    """Takes a maker of the input of a mutation as its sample."""

    def take(make: Callable[[Scene], Awaitable[dict[str, Any]]]) -> None:
        async def sample(scene: Scene) -> Asked:
            kind = name[0].upper() + name[1:] + "Input"
            document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} }} }}"
            return document, {"input": await make(scene)}

        SAMPLES[f"Mutation.{name}"] = sample

    return take


def simple(name: str, selection: str, /, **values: Callable[[Scene], Any]) -> None:
    """A mutation whose input is had from the scene."""

    async def make(scene: Scene) -> dict[str, Any]:
        found = {}
        for field, value in values.items():
            had = value(scene)
            found[field] = await had if isinstance(had, Awaitable) else had
        return found

    mutation(name, selection)(make)


def plain(name: str, document: str) -> None:
    """An operation that names the workspace, if anything."""

    async def sample(scene: Scene) -> Asked:
        return document.replace("WORKSPACE", str(scene.workspace.id)).replace("SLUG", scene.workspace.slug), {}

    SAMPLES[name] = sample


def of_workspace(field: str, selection: str) -> None:
    plain(f"Workspace.{field}", '{ _entities(representations: [{__typename: "Workspace", id: "WORKSPACE"}]) '
          f"{{ ... on Workspace {{ {field} {selection} }} }} }}")  # fmt: skip


def _workspace(scene: Scene) -> str:
    return str(scene.workspace.id)


def _guest(scene: Scene) -> str:
    return str(scene.guest.id)


plain("Query.me", "{ me { id } }")
plain("Query.sessions", "{ sessions { nodes { id } } }")
plain("Query.workspace", '{ workspace(id: "WORKSPACE") { id name } }')
plain("Query.workspaceBySlug", '{ workspaceBySlug(slug: "SLUG") { id } }')
plain("Query.workspaces", "{ workspaces { nodes { id } } }")
plain("Query.permissions", "{ permissions { name meaning grantable roles } }")
plain("Mutation.logout", "mutation { logout(input: {}) { sessionIds } }")
plain("Mutation.emailVerificationResend", "mutation { emailVerificationResend { sent } }")
of_workspace("viewer", "{ role permissions customRole { name } }")
of_workspace("members", "{ nodes { role user { id } } }")
of_workspace("roles", "{ id name permissions memberCount createdAt }")
of_workspace("invitations", "{ nodes { id email role state createdAt inviter { id } customRole { id } } }")
of_workspace("auditLog", "{ nodes { id action at actor { id } subject { id } details { name value } } }")

simple("register", "user { id }", email=lambda _: "new@example.com", password=lambda _: PASSWORD,
       displayName=lambda _: "New")  # fmt: skip
simple("login", "sessionId", email=lambda scene: scene.guest.email, password=lambda _: PASSWORD)
simple("refresh", "sessionId", refreshToken=lambda scene: scene.session.refresh_token)
simple("sessionRevoke", "sessionId", sessionId=Scene.other_session_id)
simple("passwordChange", "sessionIds", currentPassword=lambda _: PASSWORD, newPassword=lambda _: "an even better one")
simple("passwordResetRequest", "accepted", email=lambda scene: scene.guest.email)
simple("passwordReset", "sessionIds", token=Scene.reset_token, newPassword=lambda _: "an even better one")
simple("emailVerify", "userId", token=Scene.verification_token)
simple("userUpdate", "user { id }", displayName=lambda _: "Another")
simple("workspaceCreate", "workspace { id memberCount }", name=lambda _: "Mine")
simple("workspaceUpdate", "workspace { id }", workspaceId=_workspace, name=lambda _: "Other", slug=lambda _: "other")
simple("workspaceDelete", "workspaceId", workspaceId=_workspace)
simple("workspaceRestore", "workspace { id }", workspaceId=_workspace)
simple("workspaceTransfer", "member { role }", workspaceId=_workspace, userId=_guest)
simple("workspaceLeave", "workspaceId", workspaceId=_workspace)
simple("workspaceMemberUpdate", "member { role }", workspaceId=_workspace, userId=_guest, role=lambda _: "GUEST")
simple("workspaceMemberRemove", "userId", workspaceId=_workspace, userId=_guest)
simple("workspaceRoleCreate", "role { id }", workspaceId=_workspace, name=lambda _: "New", permissions=lambda _: [])
simple("workspaceRoleUpdate", "role { name }", roleId=Scene.role_id, name=lambda _: "Renamed")
simple("workspaceRoleDelete", "roleId", roleId=Scene.role_id)
simple("workspaceInvite", "invitation { id }", workspaceId=_workspace, email=lambda _: "dan@example.com",
       role=lambda _: "GUEST")  # fmt: skip
simple("invitationRevoke", "invitation { state }", invitationId=Scene.invitation_id)
simple("invitationResend", "invitation { expiresAt }", invitationId=Scene.invitation_id)
simple("invitationAccept", "workspace { id }", token=Scene.own_invitation_token)


OWN = root_fields(SNAPSHOT.read_text())


def test_every_operation_has_a_sample() -> None:
    assert {*OWN, *FIELDS} == set(SAMPLES)


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("operation", [*OWN, *FIELDS])
async def test_what_happens_is_what_the_table_says(operation: str, who: Who) -> None:
    policy = {**OPERATIONS, **FIELDS}[operation]
    scene = await Scene.of(who, policy)
    document, variables = await SAMPLES[operation](scene)
    session_id = scene.session.session.id
    actor = None if who is Who.NOBODY else Actor(user_id=scene.tester.id, session_id=session_id)
    answer = await scene.face.ask(document, variables, actor=actor)
    if operation in READS:
        found = next(iter(answer["data"].values())) if answer.get("data") else None
        unseen = found is None or found == [None]
        if who in (Who.NOBODY, Who.STRANGER):
            assert unseen
            assert "errors" not in answer
            return
        answer = {"errors": answer["errors"]} if "errors" in answer else {"data": {"found": found}}
    assert outcome(answer) is expected(who, policy)


@pytest.mark.parametrize(
    "operation",
    [name for name in SAMPLES if name.startswith("Mutation.") and isinstance(OPERATIONS[name], Permission)],
)
async def test_a_strangers_id_reads_as_one_that_does_not_exist(operation: str) -> None:
    scene = await Scene.of(Who.STRANGER, OPERATIONS[operation])
    document, variables = await SAMPLES[operation](scene)
    actor = Actor(user_id=scene.tester.id, session_id=scene.session.session.id)
    asked = variables["input"]
    answers = []
    for made_up in ({}, {name: str(uuid4()) for name in asked if name.endswith("Id")}):
        answer = await scene.face.ask(document, {"input": asked | made_up}, actor=actor)
        del answer["errors"][0]["extensions"]["traceId"]
        answers.append(answer)
    assert answers[0] == answers[1]
    assert outcome(answers[0]) is Outcome.NOT_FOUND


async def test_a_member_of_one_workspace_cannot_reach_into_another_of_the_same_owner() -> None:
    scene = await Scene.of(Who.ADMIN, Permission.MEMBERS_CHANGE)
    world = scene.face.world
    other = await world.tenants.create(scene.ada.id, "Third", None)
    fay = await world.member(other, scene.ada, "fay")
    foreign = await world.role(other, scene.ada, name="Foreign")
    actor = Actor(user_id=scene.tester.id, session_id=scene.session.session.id)
    document = """mutation($input: WorkspaceMemberUpdateInput!) {
      workspaceMemberUpdate(input: $input) { member { role } }
    }"""
    here, guest = str(scene.workspace.id), str(scene.guest.id)
    for asked in (
        {"workspaceId": here, "userId": str(fay.id), "role": "GUEST"},
        {"workspaceId": str(other.id), "userId": str(fay.id), "role": "GUEST"},
        {"workspaceId": here, "userId": guest, "roleId": str(foreign.id)},
        {"workspaceId": here, "userId": guest, "roleId": str(uuid4())},
    ):
        assert outcome(await scene.face.ask(document, {"input": asked}, actor=actor)) is Outcome.NOT_FOUND
