"""Owns access tokens: RS256 JWTs of one issuer, audience and type, checked against known keys only.

The key that signs is the first; keys of the past stay listed until the last token that they signed has expired.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from jwt.algorithms import RSAAlgorithm

from kit.ids import parse_id
from subgraphs.auth import errors
from subgraphs.auth.domain.sessions import SessionId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.service.ports import AccessClaims, NewId

ISSUER = "taskflow"
AUDIENCE = "taskflow-api"
TYPE = "at+jwt"
_ALGORITHM = "RS256"
_LEAST_BITS = 2048
_LONGEST = 4096
_REMEMBERED = 10_000
_LEEWAY = timedelta(seconds=5)  # between the clocks of our own processes
_CLAIMS = ("iss", "aud", "sub", "sid", "jti", "iat", "exp")


def private_key(pem: str) -> RSAPrivateKey:
    """Raises `ValueError` when the text is not a private RSA key of at least 2048 bits."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise ValueError(f"is not an RSA key of {_LEAST_BITS} bits or more")
    return key


def public_key(pem: str) -> RSAPublicKey:
    """Raises `ValueError` when the text is not a public RSA key of at least 2048 bits."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise ValueError(f"is not an RSA key of {_LEAST_BITS} bits or more")
    return key


class RsaTokens:
    """Signs with one key, accepts the listed ones."""

    def __init__(self, signing: RSAPrivateKey, retired: Iterable[RSAPublicKey], new_id: NewId) -> None:
        self._signing = signing
        self._jwks = {key["kid"]: key for key in map(_jwk, (signing.public_key(), *retired))}
        self._keys = {_jwk(key)["kid"]: key for key in (signing.public_key(), *retired)}
        self._kid = _jwk(signing.public_key())["kid"]
        self._new_id = new_id
        self._proven: dict[bytes, AccessClaims] = {}

    def jwks(self) -> dict[str, Any]:
        """The public keys, as `/.well-known/jwks.json` shows them."""
        return {"keys": list(self._jwks.values())}

    def mint(self, user_id: UserId, session_id: SessionId, now: datetime, life: timedelta) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": str(self._new_id()),
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
        }
        return jwt.encode(claims, self._signing, algorithm=_ALGORITHM, headers={"kid": self._kid, "typ": TYPE})

    def verify(self, token: str, now: datetime) -> AccessClaims:
        if len(token) > _LONGEST:
            raise errors.token_invalid()
        name = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        claims = self._proven.get(name)
        if claims is None:
            claims = self._prove(token, now)
            self._remember(name, claims, now)
        if claims.expires_at <= now - _LEEWAY:
            raise errors.token_expired()
        return claims

    def _remember(self, name: bytes, claims: AccessClaims, now: datetime) -> None:
        """A token comes with every request of its session: its signature is checked once."""
        if len(self._proven) >= _REMEMBERED:
            self._proven = {key: one for key, one in self._proven.items() if one.expires_at > now}
        if len(self._proven) < _REMEMBERED:
            self._proven[name] = claims

    def _prove(self, token: str, now: datetime) -> AccessClaims:
        claims = self._signed_claims(token)
        user_id, session_id = parse_id(claims["sub"]), parse_id(claims["sid"])
        issued, expires = claims["iat"], claims["exp"]
        if user_id is None or session_id is None or not isinstance(issued, int) or not isinstance(expires, int):
            raise errors.token_invalid()
        if issued > (now + _LEEWAY).timestamp():
            raise errors.token_invalid()
        try:
            expires_at = datetime.fromtimestamp(expires, UTC)
        except (ValueError, OverflowError, OSError):
            raise errors.token_invalid() from None
        return AccessClaims(user_id=UserId(user_id), session_id=SessionId(session_id), expires_at=expires_at)

    def _signed_claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            # The header only chooses among our own keys; `jwk`, `jku` and `x5u` are never looked at.
            key = self._keys.get(str(header.get("kid")))
            if key is None or header.get("typ") != TYPE:
                raise errors.token_invalid()
            # Times are checked against the injected clock, not by the library against the machine's.
            options: Any = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[_ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options
            )
        except (jwt.InvalidTokenError, ValueError):
            raise errors.token_invalid() from None
        return claims


def _jwk(key: RSAPublicKey) -> dict[str, Any]:
    """The key as a JWK, named by its RFC 7638 thumbprint."""
    parts: dict[str, Any] = RSAAlgorithm.to_jwk(key, as_dict=True)
    required = {name: parts[name] for name in ("e", "kty", "n")}
    digest = hashlib.sha256(json.dumps(required, sort_keys=True, separators=(",", ":")).encode()).digest()
    kid = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return {**required, "alg": _ALGORITHM, "use": "sig", "kid": kid}
