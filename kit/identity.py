"""Owns who is calling: the gateway establishes it once and hands it on as a short-lived signed token.

A service believes no header but this token, checks that it was minted for it, and refuses lives longer than agreed, so
that together with the session cache a logout reaches every process within two seconds.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kit.clock import Clock, SystemClock
from kit.errors import DomainError, Kind
from kit.idempotency import RequestKey

HEADER = "taskflow-internal"
"""HTTP header and gRPC metadata key of the token."""

_TYPE = "internal+jwt"
_LIFE_SECONDS = 1.5
_LONGEST_LIFE_SECONDS = 1.6  # the agreed life, and room for rounding
_SKEW_SECONDS = 1.0
_CACHE_SIZE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person with a live session, and the workspaces that person belongs to by role name.

    `permissions` names what a custom role allows, in the workspaces where the person has one.
    """

    user_id: UUID
    session_id: UUID
    workspaces: Mapping[UUID, str] = field(default_factory=dict)
    permissions: Mapping[UUID, frozenset[str]] = field(default_factory=dict)

    def role_in(self, workspace_id: UUID) -> str | None:
        return self.workspaces.get(workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who stands behind a request: always one of our services, and the person it acts for, if any.

    `address` is the network address of the client, as the edge saw it; limits count by it. `agent` is what the client
    says that it is; `request_key` says that what is asked for is to be done once.
    """

    service: str
    actor: Actor | None = None
    address: str | None = None
    agent: str | None = None
    request_key: RequestKey | None = None


def signing_key(seed: str) -> Ed25519PrivateKey:
    """The private key of a base64url seed. Raises `ValueError`."""
    return Ed25519PrivateKey.from_private_bytes(_decode32(seed))


def public_key(text: str) -> Ed25519PublicKey:
    """The public key written in base64url. Raises `ValueError`."""
    return Ed25519PublicKey.from_public_bytes(_decode32(text))


def new_seed() -> str:
    """A fresh seed for the setting `TASKFLOW_INTERNAL_SIGNING_KEY`."""
    raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return _encode(raw)


def public_of(seed: str) -> str:
    """The public key of a seed, as `TASKFLOW_INTERNAL_TRUSTED_KEYS` lists it."""
    return _encode(_raw(signing_key(seed).public_key()))


def _decode32(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("is not base64url") from None
    if len(raw) != 32:
        raise ValueError("must hold 32 bytes")
    return raw


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _key_id(key: Ed25519PublicKey) -> str:
    return _encode(hashlib.sha256(_raw(key)).digest()[:9])


class InternalTokens:
    """Mints tokens in the name of one service."""

    def __init__(self, seed: str, service: str, clock: Clock | None = None) -> None:
        self._key = signing_key(seed)
        self._headers = {"kid": _key_id(self._key.public_key()), "typ": _TYPE}
        self._service = service
        self._clock = clock or SystemClock()

    def mint(self, actor: Actor | None, audience: str, address: str | None = None, agent: str | None = None) -> str:
        """A token for one service (`auth`, `task`, `notification`); without an actor it speaks for the service alone.

        `address` is where the client stands, for services that count attempts by it; `agent` what it says it is.
        """
        issued = self._clock.now().timestamp()
        claims: dict[str, Any] = {"svc": self._service, "aud": audience, "iat": issued, "exp": issued + _LIFE_SECONDS}
        if actor is not None:
            claims["sub"] = str(actor.user_id)
            claims["sid"] = str(actor.session_id)
            claims["ws"] = {str(workspace): role for workspace, role in actor.workspaces.items()}
            if actor.permissions:
                claims["perm"] = {str(workspace): sorted(names) for workspace, names in actor.permissions.items()}
        if address is not None:
            claims["addr"] = address
        if agent is not None:
            claims["agent"] = agent
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers=self._headers)


class InternalVerifier:
    """Checks tokens that were minted for one service. Checked tokens are remembered until they expire."""

    def __init__(self, trusted_keys: Iterable[str], audience: str, clock: Clock | None = None) -> None:
        keys = [public_key(text) for text in trusted_keys]
        self._keys = {_key_id(key): key for key in keys}
        self._audience = audience
        self._clock = clock or SystemClock()
        self._checked: dict[str, tuple[float, Caller]] = {}

    def verify(self, token: str) -> Caller:
        """Who calls. Raises `DomainError` GATEWAY_REQUIRED when the token is not good for us, now."""
        now = self._clock.now().timestamp()
        known = self._checked.get(token)
        if known is None:
            known = self._check(token, now)
            if len(self._checked) >= _CACHE_SIZE:
                self._checked = {text: item for text, item in self._checked.items() if item[0] > now}
            if len(self._checked) < _CACHE_SIZE:
                self._checked[token] = known
        expires, caller = known
        if expires <= now:
            raise _refused("expired")
        return caller

    def _check(self, token: str, now: float) -> tuple[float, Caller]:
        claims = self._signed_claims(token)
        try:
            issued, expires = float(claims["iat"]), float(claims["exp"])
            caller = Caller(
                service=str(claims["svc"]),
                actor=_actor(claims),
                address=_text(claims, "addr"),
                agent=_text(claims, "agent"),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _refused("malformed") from None
        if issued > now + _SKEW_SECONDS or expires - issued > _LONGEST_LIFE_SECONDS:
            raise _refused("out of time")
        return expires, caller

    def _signed_claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(str(header.get("kid")))
            if key is None or header.get("typ") != _TYPE:
                raise _refused("unknown key")
            # Times are checked here against our own clock, not by the library against the machine's.
            options: Any = {"require": ["exp", "iat", "aud", "svc"], "verify_exp": False, "verify_iat": False}
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=["EdDSA"], audience=self._audience, options=options
            )
        except jwt.InvalidTokenError:
            raise _refused("not valid here") from None
        return claims


def _actor(claims: Mapping[str, Any]) -> Actor | None:
    if "sub" not in claims:
        return None
    return Actor(
        user_id=UUID(claims["sub"]),
        session_id=UUID(claims["sid"]),
        workspaces={UUID(workspace): str(role) for workspace, role in claims["ws"].items()},
        permissions={UUID(one): frozenset(map(str, names)) for one, names in claims.get("perm", {}).items()},
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return None if value is None else str(value)


def _refused(reason: str) -> DomainError:
    return DomainError(Kind.UNAUTHENTICATED, "GATEWAY_REQUIRED", f"The internal token is {reason}.")
