"""Internal tokens: accepted only from trusted keys, by the service they are meant for, for a second and a half."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from kit.errors import DomainError
from kit.identity import Actor, InternalTokens, InternalVerifier, new_seed, public_of, signing_key


@dataclass
class HandClock:
    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


SEED = new_seed()
ACTOR = Actor(user_id=uuid4(), session_id=uuid4(), workspaces={uuid4(): "admin"})
CUSTOM = uuid4()
WITH_A_CUSTOM_ROLE = Actor(
    user_id=uuid4(),
    session_id=uuid4(),
    workspaces={uuid4(): "guest", CUSTOM: "custom"},
    permissions={CUSTOM: frozenset({"task.create", "comment.add"})},
)


def _pair(clock: HandClock) -> tuple[InternalTokens, InternalVerifier]:
    return InternalTokens(SEED, "gateway", clock), InternalVerifier([public_of(SEED)], "task", clock)


@pytest.mark.parametrize("actor", [ACTOR, WITH_A_CUSTOM_ROLE])
def test_the_actor_comes_out_as_it_went_in(actor: Actor) -> None:
    tokens, verifier = _pair(HandClock())
    caller = verifier.verify(tokens.mint(actor, "task"))
    assert caller.actor == actor
    assert caller.service == "gateway"


def test_the_address_of_the_client_comes_along_for_anonymous_callers_too() -> None:
    tokens, verifier = _pair(HandClock())
    assert verifier.verify(tokens.mint(None, "task", "192.0.2.7")).address == "192.0.2.7"
    assert verifier.verify(tokens.mint(ACTOR, "task")).address is None


def test_what_the_client_says_it_is_comes_along() -> None:
    tokens, verifier = _pair(HandClock())
    assert verifier.verify(tokens.mint(None, "task", agent="Firefox")).agent == "Firefox"
    assert verifier.verify(tokens.mint(ACTOR, "task")).agent is None


def test_a_service_speaks_for_itself() -> None:
    tokens, verifier = _pair(HandClock())
    assert verifier.verify(tokens.mint(None, "task")).actor is None


def test_a_token_dies_after_its_life_even_when_it_was_checked_before() -> None:
    clock = HandClock()
    tokens, verifier = _pair(clock)
    token = tokens.mint(ACTOR, "task")
    verifier.verify(token)
    clock.time += timedelta(seconds=1.5)
    with pytest.raises(DomainError) as refused:
        verifier.verify(token)
    assert refused.value.code == "GATEWAY_REQUIRED"


@pytest.mark.parametrize("audience", ["auth", "notification", ""])
def test_a_token_for_another_service_is_refused(audience: str) -> None:
    tokens, verifier = _pair(HandClock())
    with pytest.raises(DomainError):
        verifier.verify(tokens.mint(ACTOR, audience))


def test_an_unknown_key_is_refused() -> None:
    clock = HandClock()
    _, verifier = _pair(clock)
    with pytest.raises(DomainError):
        verifier.verify(InternalTokens(new_seed(), "gateway", clock).mint(ACTOR, "task"))


def test_a_longer_life_than_agreed_is_refused() -> None:
    clock = HandClock()
    _, verifier = _pair(clock)
    now = clock.now().timestamp()
    header = jwt.get_unverified_header(InternalTokens(SEED, "gateway", clock).mint(None, "task"))
    claims = {"svc": "gateway", "aud": "task", "iat": now, "exp": now + 60}
    with pytest.raises(DomainError):
        verifier.verify(jwt.encode(claims, signing_key(SEED), algorithm="EdDSA", headers=header))


def test_another_type_of_token_is_refused() -> None:
    clock = HandClock()
    tokens, verifier = _pair(clock)
    header = jwt.get_unverified_header(tokens.mint(None, "task")) | {"typ": "at+jwt"}
    now = clock.now().timestamp()
    claims = {"svc": "gateway", "aud": "task", "iat": now, "exp": now + 1}
    with pytest.raises(DomainError):
        verifier.verify(jwt.encode(claims, signing_key(SEED), algorithm="EdDSA", headers=header))


def test_an_altered_or_unsigned_token_is_refused() -> None:
    tokens, verifier = _pair(HandClock())
    head, body, signature = tokens.mint(ACTOR, "task").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = str(uuid4())
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    for token in (f"{head}.{forged}.{signature}", f"{head}.{body}.", "", "x.y.z", "ü"):
        with pytest.raises(DomainError):
            verifier.verify(token)
