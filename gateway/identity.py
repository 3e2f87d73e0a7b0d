"""Who calls, in the product: an access token is proved against the live session, subgraphs get an internal token.

Invariant: no subgraph acts for a session more than two seconds after that session ended. A proof lives at most half a
second and the token made from it 1.5; a longer request proves again before its next call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from uuid import UUID

from gateway.executor.ports import Caller, Headers, SubgraphCall, SubgraphClient, SubgraphFailure, SubgraphReply
from gateway.planner.nodes import OperationKind
from kit.errors import DomainError, Kind
from kit.idempotency import FINGERPRINT_HEADER, KEY_HEADER, checked_key
from kit.identity import HEADER, Actor, InternalTokens
from proto.auth.v1.auth_pb2 import VerifyResponse, VerifySessionRequest

Verify = Callable[[VerifySessionRequest], Awaitable[VerifyResponse]]
"""Auth's `VerifySession`."""

PROOF_SECONDS = 0.5
LONGEST_TOKEN = 4096
LONGEST_AGENT = 200
MOST_PROOFS = 10_000
OWNER = "auth"
"""The service that owns sessions and memberships; it alone is told what the client says it is."""


@dataclass(slots=True)
class Proof:
    """A session that was live at `at`."""

    actor: Actor
    at: float

    def is_fresh(self) -> bool:
        return monotonic() - self.at < PROOF_SECONDS


class Member:
    """A person with a live session. The proof is replaced as it ages; it is the engine's `Caller`."""

    def __init__(
        self,
        token: str,
        proof: Proof,
        tokens: InternalTokens,
        address: str | None,
        agent: str | None = None,
        extra: Headers = (),
    ) -> None:
        self.token = token
        self.proof = proof
        self._tokens = tokens
        self._address = address
        self._agent = agent
        self._extra = extra
        self._minted: dict[str, tuple[Proof, Headers]] = {}

    @property
    def actor(self) -> Actor:
        return self.proof.actor

    @property
    def key(self) -> Hashable:
        actor = self.proof.actor
        rights = frozenset(actor.workspaces.items()), frozenset(actor.permissions.items())
        return (actor.session_id, rights, self._address, self._agent, self._extra)

    def headers(self, service: str) -> Headers:
        """The same token serves as long as its proof does."""
        known = self._minted.get(service)
        if known is None or known[0] is not self.proof:
            agent = self._agent if service == OWNER else None
            token = self._tokens.mint(self.proof.actor, service, self._address, agent)
            known = self._minted[service] = (self.proof, ((HEADER, token), *self._extra))
        return known[1]


class Stranger:
    """Someone who gave no token: may register and log in."""

    def __init__(
        self, tokens: InternalTokens, address: str | None, agent: str | None = None, extra: Headers = ()
    ) -> None:
        self._tokens = tokens
        self._address = address
        self._agent = agent
        self._extra = extra

    @property
    def address(self) -> str | None:
        """Where the client stands, if that is known."""
        return self._address

    @property
    def key(self) -> Hashable:
        return (None, self._address, self._agent, self._extra)

    def headers(self, service: str) -> Headers:
        agent = self._agent if service == OWNER else None
        return ((HEADER, self._tokens.mint(None, service, self._address, agent)), *self._extra)


class Sessions:
    """Proves tokens by asking auth; equal questions at one time are asked once."""

    def __init__(self, verify: Verify) -> None:
        self._verify = verify
        self._proofs: dict[bytes, Proof] = {}
        self._asking: dict[bytes, asyncio.Task[Proof]] = {}

    async def prove(self, token: str) -> Proof:
        """Raises DomainError: UNAUTHENTICATED and kin, or UNAVAILABLE when nobody can tell."""
        key = sha256(token.encode()).digest()
        known = self._proofs.get(key)
        if known is not None and known.is_fresh():
            return known
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.get_running_loop().create_task(self._ask(token, key))
            task.add_done_callback(lambda done: self._answered(key, done))
        return await asyncio.shield(task)

    def forget(self, token: str) -> None:
        """The next question about this token goes to auth, even if one is under way."""
        key = sha256(token.encode()).digest()
        self._proofs.pop(key, None)
        self._asking.pop(key, None)

    async def _ask(self, token: str, key: bytes) -> Proof:
        at = monotonic()
        response = await self._verify(VerifySessionRequest(token=token))
        return Proof(_actor(response), at)

    def _answered(self, key: bytes, task: asyncio.Task[Proof]) -> None:
        if self._asking.get(key) is not task:
            if not task.cancelled():
                task.exception()
            return
        del self._asking[key]
        if task.cancelled() or task.exception() is not None:
            return
        if len(self._proofs) >= MOST_PROOFS:
            self._proofs = {known: proof for known, proof in self._proofs.items() if proof.is_fresh()}
        self._proofs[key] = task.result()


def _actor(response: VerifyResponse) -> Actor:
    return Actor(
        user_id=UUID(response.user_id),
        session_id=UUID(response.session_id),
        workspaces={UUID(membership.workspace_id): membership.role for membership in response.memberships},
        permissions={
            UUID(membership.workspace_id): frozenset(membership.permissions)
            for membership in response.memberships
            if membership.permissions
        },
    )


class SessionIdentity:
    """The edge's identity port over sessions."""

    def __init__(
        self, sessions: Sessions, tokens: InternalTokens, session_ended: Callable[[str], Awaitable[None]]
    ) -> None:
        self._sessions = sessions
        self._session_ended = session_ended
        self._tokens = tokens

    async def of_request(self, headers: Mapping[str, str], address: str | None) -> Caller:
        return await self._caller(headers.get("authorization"), address, _agent(headers), _key(headers))

    async def of_socket(self, headers: Mapping[str, str], payload: Mapping[str, object], address: str | None) -> Caller:
        given = {name.lower(): value for name, value in payload.items()}.get("authorization")
        if given is not None and not isinstance(given, str):
            raise _bad_token()
        return await self._caller(given or headers.get("authorization"), address, _agent(headers))

    async def ended(self, caller: Caller) -> str:
        """A stranger's connection is never ended from here; a member's ends with the session."""
        if isinstance(caller, Member):
            await self._session_ended(str(caller.actor.session_id))
            return "SESSION_ENDED"
        never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        return await never

    async def _caller(
        self, authorization: str | None, address: str | None, agent: str | None, extra: Headers = ()
    ) -> Caller:
        if authorization is None:
            return Stranger(self._tokens, address, agent, extra)
        scheme, _, token = authorization.strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise _bad_token()
        return Member(token, await self._sessions.prove(token), self._tokens, address, agent, extra)


def _agent(headers: Mapping[str, str]) -> str | None:
    """What the client says it is, for its person to recognise the session by: plain text of a bounded length."""
    said = headers.get("user-agent", "")[:LONGEST_AGENT]
    return "".join(letter for letter in said if " " <= letter <= "~").strip() or None


def _key(headers: Mapping[str, str]) -> Headers:
    """What services need to do a request once: its key, and what tells it from another request with that key."""
    if KEY_HEADER not in headers:
        return ()
    return ((KEY_HEADER, checked_key(headers[KEY_HEADER])), (FINGERPRINT_HEADER, headers.get(FINGERPRINT_HEADER, "")))


def _bad_token() -> DomainError:
    return DomainError(Kind.UNAUTHENTICATED, "TOKEN_INVALID", "Send the access token as `Bearer TOKEN`.")


class ProvingClient:
    """Calls subgraphs for members whose proof is fresh, proving anew where it is not.

    After a member's mutation at auth the proof is dropped: it may have changed what the member is.
    """

    def __init__(self, client: SubgraphClient, sessions: Sessions) -> None:
        self._client = client
        self._sessions = sessions

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        caller = call.caller
        if not isinstance(caller, Member):
            return self._client.send(call)
        fresh = caller.proof.is_fresh()
        reply = self._client.send(call) if fresh else asyncio.ensure_future(self._prove_and_send(call, caller))
        if call.kind is OperationKind.MUTATION and call.service == OWNER:
            self._changed(caller)
            reply.add_done_callback(lambda _: self._changed(caller))  # others may have proved it meanwhile
        return reply

    async def _prove_and_send(self, call: SubgraphCall, caller: Member) -> SubgraphReply:
        try:
            caller.proof = await self._sessions.prove(caller.token)
        except DomainError as error:
            raise SubgraphFailure(error.code, error.message) from error
        return await self._client.send(call)

    def _changed(self, caller: Member) -> None:
        self._sessions.forget(caller.token)
        caller.proof.at = float("-inf")
