"""Who calls: proofs are fresh, shared while asked for, dropped after a change; doubt refuses."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.executor.ports import SubgraphCall, SubgraphFailure, SubgraphReply
from gateway.identity import OWNER, Member, ProvingClient, SessionIdentity, Sessions
from gateway.planner.nodes import OperationKind
from kit.errors import DomainError
from kit.identity import InternalTokens, InternalVerifier, new_seed, public_of
from proto.auth.v1.auth_pb2 import Membership, VerifyResponse, VerifySessionRequest

SEED = new_seed()
TOKENS = InternalTokens(SEED, "gateway")


class Auth:
    """Auth's VerifySession: one live session by token, workspaces may be added."""

    def __init__(self) -> None:
        self.sessions = {"good": (uuid4(), uuid4())}
        self.workspaces: list[UUID] = []
        self.permissions: list[str] = []
        self.asked = 0
        self.away = False
        self.hold: asyncio.Event | None = None

    async def verify(self, request: VerifySessionRequest) -> VerifyResponse:
        self.asked += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.away:
            raise DomainError.of("UNAVAILABLE", "auth is away")
        if request.token not in self.sessions:
            raise DomainError.of("SESSION_ENDED", "The session is over.")
        user, session = self.sessions[request.token]
        members = [
            Membership(workspace_id=str(workspace), role="OWNER", permissions=self.permissions)
            for workspace in self.workspaces
        ]
        return VerifyResponse(user_id=str(user), session_id=str(session), memberships=members)


async def never(_: str) -> None:
    await asyncio.get_running_loop().create_future()


def identity(auth: Auth) -> SessionIdentity:
    return SessionIdentity(Sessions(auth.verify), TOKENS, never)


def bearer(token: str = "good") -> dict[str, str]:  # noqa: S107 - a session of `Auth`
    return {"authorization": f"Bearer {token}"}


class TestRequest:
    async def test_a_live_session_is_handed_on_as_an_internal_token_for_each_service(self) -> None:
        auth = Auth()
        auth.workspaces.append(workspace := uuid4())
        caller = await identity(auth).of_request(bearer(), "10.0.0.1")
        for service in ("task", "auth"):
            ((name, token),) = caller.headers(service)
            assert name == "taskflow-internal"
            verified = InternalVerifier([public_of(SEED)], service).verify(token)
            assert verified.actor is not None
            assert (verified.actor.user_id, verified.actor.session_id) == auth.sessions["good"]
            assert verified.actor.workspaces == {workspace: "OWNER"}
            with pytest.raises(DomainError):
                InternalVerifier([public_of(SEED)], "notification").verify(token)

    async def test_what_a_custom_role_allows_is_handed_on_and_tells_callers_apart(self) -> None:
        auth = Auth()
        auth.workspaces.append(workspace := uuid4())
        keys = set()
        for permissions in ([], ["task.create"], ["task.create", "comment.add"]):
            auth.permissions = permissions
            caller = await identity(auth).of_request(bearer(), None)
            assert isinstance(caller, Member)
            assert caller.actor.permissions == ({workspace: frozenset(permissions)} if permissions else {})
            keys.add(caller.key)
        assert len(keys) == 3

    @pytest.mark.parametrize("headers", [bearer(), {}])
    @pytest.mark.parametrize(
        ("said", "told"), [("Firefox/140\x00\n é", "Firefox/140"), ("x" * 5000, "x" * 200), (" ", None), (None, None)]
    )
    async def test_auth_alone_is_told_what_the_client_says_it_is(
        self, headers: dict[str, str], said: str | None, told: str | None
    ) -> None:
        more = {} if said is None else {"user-agent": said}
        caller = await identity(Auth()).of_request(headers | more, None)
        for service, expected in (("auth", told), ("task", None)):
            ((_, token),) = caller.headers(service)
            assert InternalVerifier([public_of(SEED)], service).verify(token).agent == expected

    async def test_nobody_is_a_stranger_who_carries_no_person(self) -> None:
        caller = await identity(Auth()).of_request({}, None)
        ((_, token),) = caller.headers("auth")
        assert InternalVerifier([public_of(SEED)], "auth").verify(token).actor is None

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "good", "Bearer " + "x" * 5000, "Bearer é"])
    async def test_a_malformed_header_is_refused_without_asking(self, header: str) -> None:
        auth = Auth()
        with pytest.raises(DomainError) as refused:
            await identity(auth).of_request({"authorization": header}, None)
        assert refused.value.code == "TOKEN_INVALID"
        assert auth.asked == 0

    async def test_an_ended_session_and_a_missing_auth_are_refused(self) -> None:
        auth = Auth()
        known = identity(auth)
        with pytest.raises(DomainError) as refused:
            await known.of_request(bearer("gone"), None)
        assert refused.value.code == "SESSION_ENDED"
        auth.away = True
        with pytest.raises(DomainError) as refused:
            await known.of_request(bearer(), None)
        assert refused.value.code == "UNAVAILABLE"

    async def test_callers_differ_by_session_and_rights(self) -> None:
        auth = Auth()
        auth.sessions["other"] = (auth.sessions["good"][0], uuid4())
        known = identity(auth)
        keys = {(await known.of_request(bearer(token), None)).key for token in ("good", "other")}
        keys.add((await known.of_request({}, None)).key)
        assert len(keys) == 3


class TestSocket:
    @pytest.mark.parametrize("name", ["authorization", "Authorization"])
    async def test_the_init_payload_carries_the_token(self, name: str) -> None:
        caller = await identity(Auth()).of_socket({}, {name: "Bearer good"}, None)
        assert isinstance(caller, Member)

    async def test_the_handshakes_header_counts_when_the_payload_is_silent(self) -> None:
        assert isinstance(await identity(Auth()).of_socket(bearer(), {}, None), Member)

    async def test_a_token_that_is_no_text_is_refused(self) -> None:
        with pytest.raises(DomainError):
            await identity(Auth()).of_socket({}, {"authorization": 1}, None)

    async def test_a_member_is_ended_with_the_session(self) -> None:
        over = asyncio.Event()
        seen: list[str] = []

        async def ended(session_id: str) -> None:
            seen.append(session_id)
            await over.wait()

        auth = Auth()
        known = SessionIdentity(Sessions(auth.verify), TOKENS, ended)
        waiting = asyncio.ensure_future(known.ended(await known.of_request(bearer(), None)))
        over.set()
        assert await waiting == "SESSION_ENDED"
        assert seen == [str(auth.sessions["good"][1])]


class TestProofs:
    async def test_equal_questions_at_one_time_are_asked_once(self) -> None:
        auth = Auth()
        auth.hold = asyncio.Event()
        sessions = Sessions(auth.verify)
        questions = [asyncio.ensure_future(sessions.prove("good")) for _ in range(5)]
        await asyncio.wait(questions, timeout=0)
        questions[0].cancel()
        auth.hold.set()
        proofs = await asyncio.gather(*questions, return_exceptions=True)
        assert isinstance(proofs[0], asyncio.CancelledError)
        assert auth.asked == 1

    async def test_a_refusal_is_not_remembered(self) -> None:
        auth = Auth()
        sessions = Sessions(auth.verify)
        with pytest.raises(DomainError):
            await sessions.prove("later")
        auth.sessions["later"] = (uuid4(), uuid4())
        await sessions.prove("later")

    async def test_a_question_under_way_when_the_token_is_forgotten_does_not_count(self) -> None:
        auth = Auth()
        auth.hold = asyncio.Event()
        sessions = Sessions(auth.verify)
        before = asyncio.ensure_future(sessions.prove("good"))
        await asyncio.wait([before], timeout=0)
        sessions.forget("good")
        auth.hold.set()
        await before
        await sessions.prove("good")
        assert auth.asked == 2


class Subgraph:
    """Records the internal tokens that arrive."""

    def __init__(self) -> None:
        self.headers: list[Any] = []

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        self.headers.append(call.caller.headers(call.service))
        reply: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
        reply.set_result(SubgraphReply(200, b"{}"))
        return reply


def a_call(caller: Any, kind: OperationKind = OperationKind.QUERY, service: str = "task") -> SubgraphCall:
    return SubgraphCall(service, kind, b"{}", caller, asyncio.get_running_loop().time() + 5)


class TestProvingClient:
    async def test_a_fresh_proof_is_used_as_it_is(self) -> None:
        auth = Auth()
        sessions = Sessions(auth.verify)
        caller = await SessionIdentity(sessions, TOKENS, never).of_request(bearer(), None)
        client = ProvingClient(Subgraph(), sessions)
        await client.send(a_call(caller))
        await client.send(a_call(caller))
        assert auth.asked == 1

    async def test_an_aged_proof_is_replaced_before_the_call(self) -> None:
        auth = Auth()
        sessions = Sessions(auth.verify)
        caller = await SessionIdentity(sessions, TOKENS, never).of_request(bearer(), None)
        assert isinstance(caller, Member)
        caller.proof.at -= 1
        await ProvingClient(Subgraph(), sessions).send(a_call(caller))
        assert auth.asked == 2
        assert caller.proof.is_fresh()

    async def test_a_session_that_ended_meanwhile_stops_the_call(self) -> None:
        auth = Auth()
        sessions = Sessions(auth.verify)
        caller = await SessionIdentity(sessions, TOKENS, never).of_request(bearer(), None)
        assert isinstance(caller, Member)
        caller.proof.at -= 1
        auth.sessions.clear()
        subgraph = Subgraph()
        with pytest.raises(SubgraphFailure) as failure:
            await ProvingClient(subgraph, sessions).send(a_call(caller))
        assert failure.value.code == "SESSION_ENDED"
        assert subgraph.headers == []

    async def test_after_a_mutation_the_next_call_sees_what_it_changed(self) -> None:
        auth = Auth()
        sessions = Sessions(auth.verify)
        caller = await SessionIdentity(sessions, TOKENS, never).of_request(bearer(), None)
        assert isinstance(caller, Member)
        client = ProvingClient(Subgraph(), sessions)
        await client.send(a_call(caller, OperationKind.MUTATION, OWNER))
        auth.workspaces.append(workspace := uuid4())
        await client.send(a_call(caller))
        assert caller.actor.workspaces == {workspace: "OWNER"}

    async def test_a_mutation_elsewhere_changes_nobody(self) -> None:
        auth = Auth()
        sessions = Sessions(auth.verify)
        caller = await SessionIdentity(sessions, TOKENS, never).of_request(bearer(), None)
        client = ProvingClient(Subgraph(), sessions)
        await client.send(a_call(caller, OperationKind.MUTATION))
        auth.workspaces.append(uuid4())
        await client.send(a_call(caller))
        assert isinstance(caller, Member)
        assert caller.actor.workspaces == {}


class TestIdempotencyKeys:
    async def test_a_key_goes_on_with_the_fingerprint_of_its_request(self) -> None:
        more = {"idempotency-key": "k-1", "taskflow-request-fingerprint": "ab01"}
        for caller in (
            await identity(Auth()).of_request({**bearer(), **more}, None),
            await identity(Auth()).of_request(more, None),
        ):
            assert dict(caller.headers("task")).items() >= more.items()

    async def test_without_a_key_nothing_of_the_sort_goes_on(self) -> None:
        caller = await identity(Auth()).of_request({**bearer(), "taskflow-request-fingerprint": "ab01"}, None)
        assert [name for name, _ in caller.headers("task")] == ["taskflow-internal"]

    @pytest.mark.parametrize("key", ["", "x" * 201, "tab\tkey", "kéy"])
    async def test_a_key_that_is_none_is_refused(self, key: str) -> None:
        with pytest.raises(DomainError) as refused:
            await identity(Auth()).of_request({**bearer(), "idempotency-key": key}, None)
        assert refused.value.code == "BAD_INPUT"
