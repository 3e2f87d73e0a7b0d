"""Owns the auth process: opens what the use cases need, in order, and serves GraphQL, gRPC and the JWKS over them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial

from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from kit.clock import Clock, MillisecondClock
from kit.graphql import subgraph_app
from kit.identity import Caller, InternalVerifier
from kit.ids import new_id
from kit.kafka import Relay, WakeUp, publisher
from kit.lifecycle import Process, Service
from kit.redis import redis_client
from kit.rpc import server
from proto.auth.v1.auth_pb2_grpc import add_AuthServiceServicer_to_server, add_InvitationServiceServicer_to_server
from proto.events import (
    EmailVerificationRequested,
    InvitationReminded,
    PasswordResetRequested,
    SessionRevoked,
    UserInvited,
    UserRegistered,
    UserUpdated,
    WorkspaceMemberChanged,
)
from subgraphs.auth.crypto import passwords
from subgraphs.auth.crypto.passwords import ArgonHasher, HashingOptions
from subgraphs.auth.crypto.tokens import RsaTokens, private_key, public_key
from subgraphs.auth.domain.passwords import SHORTEST
from subgraphs.auth.domain.sessions import Lives
from subgraphs.auth.events.published import Published
from subgraphs.auth.rpc.invitations import InvitationServicer
from subgraphs.auth.rpc.servicer import AuthServicer
from subgraphs.auth.schema.context import AuthContext, UseCases
from subgraphs.auth.schema.root import build_schema
from subgraphs.auth.service.audit import AuditLog, Recorder
from subgraphs.auth.service.credentials import Credentials
from subgraphs.auth.service.invitations import Inviting, Joining
from subgraphs.auth.service.mail_tokens import MailedTokens
from subgraphs.auth.service.memberships import Members
from subgraphs.auth.service.placing import Placing
from subgraphs.auth.service.roles import CustomRoles
from subgraphs.auth.service.sessions import Logins
from subgraphs.auth.service.users import Accounts
from subgraphs.auth.service.workspaces import Tenants
from subgraphs.auth.settings import AuthSettings, split_pems
from subgraphs.auth.store import database
from subgraphs.auth.store.attempts import AttemptLimits, RedisAttempts
from subgraphs.auth.store.database import MongoDatabase
from subgraphs.auth.store.live_sessions import RedisLiveSessions
from subgraphs.auth.store.revocations import RevokedFirst

NAME = "auth"
JWKS_PATH = "/.well-known/jwks.json"
_TOPICS = tuple(
    payload.TOPIC
    for payload in (
        UserRegistered,
        UserUpdated,
        PasswordResetRequested,
        EmailVerificationRequested,
        UserInvited,
        InvitationReminded,
        WorkspaceMemberChanged,
        SessionRevoked,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """What is open while the process runs."""

    database: MongoDatabase
    redis: Redis
    hasher: ArgonHasher
    tokens: RsaTokens


def service(settings: AuthSettings) -> Service:
    """The process, ready to run."""
    return Service(NAME, settings, partial(_start, settings=settings))


async def _start(process: Process, settings: AuthSettings) -> None:
    clock, wake_up = MillisecondClock(), WakeUp()
    hasher = await process.enter("argon2", lambda: passwords.opened(_hashing(settings), secrets.token_urlsafe(16)))
    redis = await process.enter("redis", lambda: redis_client(settings.redis_url, NAME))
    encode = Published(clock=clock, new_id=new_id)
    mongo = await process.enter(
        "mongodb", lambda: database.opened(settings.mongo_url, encode, wake_up.committed, clock=clock)
    )
    process.health.add("mongodb", mongo.ping, required=True)
    process.health.add("redis", redis.ping, required=True)
    engines = Engines(database=mongo, redis=redis, hasher=hasher, tokens=_tokens(settings))
    use_cases = build_use_cases(settings, engines, clock)
    await _relay_events(process, settings, engines, wake_up, clock)
    await _serve(process, settings, engines, use_cases)


def build_use_cases(settings: AuthSettings, engines: Engines, clock: Clock) -> UseCases:
    """The use cases over open engines."""
    attempts = RedisAttempts(engines.redis, _limits(settings), clock)
    live = RedisLiveSessions(engines.redis, clock)
    placing, recorder = Placing(clock=clock, new_id=new_id), Recorder(clock=clock, new_id=new_id)
    joining = Joining(placing=placing, recorder=recorder, clock=clock)
    mailed = MailedTokens(clock=clock, new_secret=secrets.token_bytes)
    common = common_passwords()
    return UseCases(
        accounts=Accounts(
            database=engines.database,
            hasher=engines.hasher,
            attempts=attempts,
            joining=joining,
            mailed=mailed,
            common_passwords=common,
            clock=clock,
            new_id=new_id,
        ),
        credentials=Credentials(
            database=engines.database,
            live=live,
            hasher=engines.hasher,
            attempts=attempts,
            mailed=mailed,
            common_passwords=common,
            clock=clock,
        ),
        logins=Logins(
            database=engines.database,
            live=live,
            attempts=attempts,
            hasher=engines.hasher,
            tokens=engines.tokens,
            clock=clock,
            new_id=new_id,
            new_secret=secrets.token_bytes,
            lives=_lives(settings),
        ),
        tenants=Tenants(database=engines.database, placing=placing, recorder=recorder, clock=clock, new_id=new_id),
        members=Members(database=engines.database, placing=placing, recorder=recorder),
        roles=CustomRoles(database=engines.database, placing=placing, recorder=recorder, clock=clock, new_id=new_id),
        audit=AuditLog(database=engines.database),
        inviting=Inviting(
            database=engines.database,
            attempts=attempts,
            joining=joining,
            recorder=recorder,
            clock=clock,
            new_id=new_id,
            new_secret=secrets.token_bytes,
        ),
    )


async def _relay_events(
    process: Process, settings: AuthSettings, engines: Engines, wake_up: WakeUp, clock: Clock
) -> None:
    sender = await process.enter("kafka", lambda: publisher(settings.kafka_bootstrap, _TOPICS, NAME))
    pending = RevokedFirst(engines.database.pending(), RedisLiveSessions(engines.redis, clock))
    await process.spawn("relay", Relay(NAME, pending, sender, wake_up).run)


async def _serve(process: Process, settings: AuthSettings, engines: Engines, use_cases: UseCases) -> None:
    verifier = InternalVerifier(settings.internal_trusted_keys, NAME)
    servicer = AuthServicer(use_cases.logins, use_cases.accounts, use_cases.tenants)
    register = [
        partial(add_AuthServiceServicer_to_server, servicer),
        partial(add_InvitationServiceServicer_to_server, InvitationServicer(use_cases.inviting)),
    ]
    await process.enter("grpc", lambda: server(register, verifier, settings.host, settings.grpc_port))
    process.mount(application(use_cases, engines.tokens, verifier))


def application(use_cases: UseCases, tokens: RsaTokens, verifier: InternalVerifier) -> ASGIApp:
    """What the HTTP port serves beside the probes."""

    def context(caller: Caller) -> AuthContext:
        return AuthContext(caller, use_cases)

    return subgraph_app(build_schema(), verifier, context=context, others={JWKS_PATH: _jwks(tokens)})


def _jwks(tokens: RsaTokens) -> ASGIApp:
    """The public keys of access tokens, for anybody."""
    answer = JSONResponse(tokens.jwks(), headers={"cache-control": "public, max-age=300"})

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = answer if request.method in ("GET", "HEAD") else JSONResponse({}, 405, {"allow": "GET"})
        await response(scope, receive, send)

    return app


def common_passwords() -> frozenset[str]:
    """The commonly used passwords that are long enough to be asked for."""
    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)


def _hashing(settings: AuthSettings) -> HashingOptions:
    return HashingOptions(threads=settings.argon2_threads, queue=settings.argon2_queue)


def _tokens(settings: AuthSettings) -> RsaTokens:
    retired = [public_key(pem) for pem in split_pems(settings.access_retired_keys)]
    return RsaTokens(private_key(settings.access_signing_key), retired, new_id)


def _lives(settings: AuthSettings) -> Lives:
    return Lives(
        access=settings.access_life,
        idle=settings.session_idle,
        longest=settings.session_longest,
        grace=settings.refresh_grace,
    )


def _limits(settings: AuthSettings) -> AttemptLimits:
    return AttemptLimits(
        account=settings.login_failures_account,
        pair=settings.login_failures_pair,
        address=settings.login_failures_address,
        registrations=settings.registrations_address,
        taken=settings.registrations_taken_address,
        mails=settings.mails_person,
        mails_address=settings.mails_address,
        invitations=settings.invitations_person,
    )
