"""Access tokens: one algorithm, one issuer, one audience, one type, our keys alone, whatever a header says."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kit.errors import DomainError
from kit.ids import new_id
from subgraphs.auth.crypto.tokens import RsaTokens, private_key, public_key
from subgraphs.auth.domain.sessions import SessionId
from subgraphs.auth.domain.users import UserId
from tests.testkit.auth_ports import NOW, TokensSuite

LIFE = timedelta(minutes=10)


@cache
def _key(name: str) -> RSAPrivateKey:
    """A key by name, made once: making one is slow."""
    return generate_rsa_key(public_exponent=65537, key_size=2048)


def _tokens() -> RsaTokens:
    return RsaTokens(_key("ours"), [], new_id)


def _good() -> str:
    return _tokens().mint(UserId(new_id()), SessionId(new_id()), NOW, LIFE)


def _claims(**changes: Any) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(_good(), options={"verify_signature": False})
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _forged(
    claims: Mapping[str, Any], header: Mapping[str, Any] | None = None, key: Any = None, algorithm: str = "RS256"
) -> str:
    header = {**jwt.get_unverified_header(_good()), **(header or {})}
    header = {name: value for name, value in header.items() if name != "alg" and (value is not None or name == "typ")}
    return jwt.encode(dict(claims), key or _key("ours"), algorithm=algorithm, headers=header)


def _refusal(token: str, after: timedelta = timedelta(0)) -> str:
    with pytest.raises(DomainError) as refused:
        _tokens().verify(token, NOW + after)
    return refused.value.code


class TestRsaTokens(TokensSuite):
    @pytest.fixture
    def tokens(self) -> RsaTokens:
        return _tokens()


def test_the_forging_tool_of_these_tests_makes_good_tokens() -> None:
    assert _tokens().verify(_forged(_claims()), NOW)


def _unsigned() -> str:
    header, body, _ = _good().split(".")
    plain = json.loads(base64.urlsafe_b64decode(header + "=="))
    altered = base64.urlsafe_b64encode(json.dumps({**plain, "alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{altered}.{body}."


def _hmac_with_the_public_key() -> str:
    pem = _key("ours").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header, body, _ = _good().split(".")
    plain = json.loads(base64.urlsafe_b64decode(header + "=="))
    head = base64.urlsafe_b64encode(json.dumps({**plain, "alg": "HS256"}).encode()).rstrip(b"=").decode()
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(f"{head}.{body}".encode(), pem)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _altered_body() -> str:
    head, _, signature = _good().split(".")
    body = base64.urlsafe_b64encode(json.dumps(_claims(sub=str(new_id()))).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize("make", [_unsigned, _hmac_with_the_public_key, _altered_body])
def test_tricks_with_algorithm_and_payload_are_refused(make: Any) -> None:
    assert _refusal(make()) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": None},
        {"typ": "JWT"},
        {"typ": "internal+jwt"},
        {"typ": None},
    ],
)
def test_other_kinds_and_keys_are_refused(header: dict[str, Any]) -> None:
    assert _refusal(_forged(_claims(), header)) == "TOKEN_INVALID"


def test_keys_that_a_token_brings_along_are_not_looked_at() -> None:
    stranger = _key("stranger")
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key(), as_dict=True)
    for header in ({"jwk": jwk}, {"jku": "http://127.0.0.1:1/keys"}, {"x5u": "http://127.0.0.1:1/certificate"}):
        assert _refusal(_forged(_claims(), header, stranger)) == "TOKEN_INVALID"


def test_another_algorithm_of_a_trusted_key_is_refused() -> None:
    assert _refusal(_forged(_claims(), algorithm="RS512")) == "TOKEN_INVALID"
    assert _refusal(_forged(_claims(), key=generate_private_key(SECP256R1()), algorithm="ES256")) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"iss": None},
        {"aud": "task"},
        {"aud": None},
        {"sub": None},
        {"sub": "not an id"},
        {"sid": None},
        {"sid": 7},
        {"sid": ["x"]},
        {"jti": None},
        {"iat": None},
        {"exp": None},
        {"exp": "9999999999"},
        {"iat": 1e300},
        {"exp": 10**30},
        {"iat": int(NOW.timestamp()) + 3600},
    ],
)
def test_wrong_and_missing_claims_are_refused(changes: dict[str, Any]) -> None:
    assert _refusal(_forged(_claims(**changes))) == "TOKEN_INVALID"


def test_skew_between_our_own_clocks_is_tolerated_and_no_more() -> None:
    assert _tokens().verify(_good(), NOW - timedelta(seconds=4))
    assert _refusal(_good(), LIFE + timedelta(seconds=6)) == "TOKEN_EXPIRED"


def test_a_retired_key_is_accepted_while_it_is_listed() -> None:
    old = _tokens()
    token = old.mint(UserId(new_id()), SessionId(new_id()), NOW, LIFE)
    during = RsaTokens(_key("next"), [_key("ours").public_key()], new_id)
    assert during.verify(token, NOW)
    assert [key["kid"] for key in during.jwks()["keys"]][1:] == [key["kid"] for key in old.jwks()["keys"]]
    after = RsaTokens(_key("next"), [], new_id)
    with pytest.raises(DomainError) as refused:
        after.verify(token, NOW)
    assert refused.value.code == "TOKEN_INVALID"


def test_a_token_that_was_accepted_before_still_expires() -> None:
    tokens = _tokens()
    token = tokens.mint(UserId(new_id()), SessionId(new_id()), NOW, LIFE)
    assert tokens.verify(token, NOW) == tokens.verify(token, NOW + timedelta(minutes=9))
    with pytest.raises(DomainError) as refused:
        tokens.verify(token, NOW + timedelta(minutes=11))
    assert refused.value.code == "TOKEN_EXPIRED"


def test_the_listed_keys_hold_no_private_part() -> None:
    (key,) = _tokens().jwks()["keys"]
    assert key.keys() == {"kty", "n", "e", "alg", "use", "kid"}


def test_weak_and_other_keys_are_no_signing_keys() -> None:
    weak = generate_rsa_key(public_exponent=65537, key_size=1024)  # noqa: S505 (that is the point)
    curve = generate_private_key(SECP256R1())
    for key in (weak, curve):
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(ValueError, match="RSA key"):
            private_key(private)
        with pytest.raises(ValueError, match="RSA key"):
            public_key(public)
