"""The auth service's HTTP application over fakes, in this process: what the gateway sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from kit.idempotency import FINGERPRINT_HEADER, KEY_HEADER
from kit.identity import HEADER, Actor, InternalTokens, InternalVerifier, new_seed, public_of
from kit.ids import new_id
from subgraphs.auth.app import application
from subgraphs.auth.crypto.tokens import RsaTokens
from subgraphs.auth.domain.users import User
from tests.testkit.auth_world import ADDRESS, World

SEED = new_seed()
KEY: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)


def acting(user: User) -> Actor:
    """The actor that the gateway would establish for a person."""
    return Actor(user_id=user.id, session_id=uuid4())


@dataclass
class Face:
    """Speaks to the application as the gateway does."""

    world: World = field(default_factory=World)

    @cached_property
    def http(self) -> httpx2.AsyncClient:
        verifier = InternalVerifier([public_of(SEED)], "auth", self.world.clock)
        app = application(self.world.use_cases, RsaTokens(KEY, [], new_id), verifier)
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://auth")

    async def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        actor: Actor | None = None,
        address: str | None = ADDRESS,
        agent: str | None = None,
        key: str | None = None,
        fingerprint: str = "01",
    ) -> dict[str, Any]:
        token = InternalTokens(SEED, "gateway", self.world.clock).mint(actor, "auth", address, agent)
        headers = {HEADER: token}
        if key is not None:
            headers |= {KEY_HEADER: key, FINGERPRINT_HEADER: fingerprint}
        body = {"query": document, "variables": variables or {}}
        response = await self.http.post("/graphql", json=body, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer
