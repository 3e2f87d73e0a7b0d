"""Refresh tokens: each works once, its holder alone can open the successor, and a replay is told from a guess."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.auth.domain.refresh import Family, RefreshToken, Verdict, found

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GRACE = timedelta(seconds=10)


def _judged(family: Family, token: RefreshToken, after: timedelta = timedelta(0)) -> Verdict:
    return family.judge(token, NOW + after, GRACE)


def test_a_new_family_knows_its_token() -> None:
    family, token = found(uuid4(), secrets.token_bytes)
    assert _judged(family, token) is Verdict.CURRENT


def test_a_used_token_opens_the_same_successor_during_the_grace() -> None:
    family, token = found(uuid4(), secrets.token_bytes)
    rotated, successor = family.rotate(token, NOW, secrets.token_bytes)
    assert _judged(rotated, token, GRACE) is Verdict.JUST_USED
    assert rotated.successor_of(token) == successor
    assert _judged(rotated, successor) is Verdict.CURRENT


def test_a_used_token_is_a_replay_after_the_grace() -> None:
    family, token = found(uuid4(), secrets.token_bytes)
    rotated, _ = family.rotate(token, NOW, secrets.token_bytes)
    assert _judged(rotated, token, GRACE + timedelta(milliseconds=1)) is Verdict.REPLAYED


@given(st.integers(min_value=2, max_value=12))
def test_of_all_generations_only_the_last_is_current_and_only_the_one_before_has_grace(generations: int) -> None:
    family, token = found(uuid4(), secrets.token_bytes)
    tokens = [token]
    for _ in range(generations):
        family, token = family.rotate(token, NOW, secrets.token_bytes)
        tokens.append(token)
    verdicts = [_judged(family, one) for one in tokens]
    assert verdicts[-2:] == [Verdict.JUST_USED, Verdict.CURRENT]
    assert set(verdicts[:-2]) == {Verdict.REPLAYED}


def test_a_guess_without_the_proof_of_the_family_is_foreign() -> None:
    family, token = found(uuid4(), secrets.token_bytes)
    assert _judged(family, replace(token, proof=secrets.token_bytes(16))) is Verdict.FOREIGN
    assert _judged(family, replace(token, secret=secrets.token_bytes(32))) is Verdict.REPLAYED


def test_what_is_kept_holds_no_secret_of_a_token() -> None:
    family, token = found(uuid4(), secrets.token_bytes)
    rotated, successor = family.rotate(token, NOW, secrets.token_bytes)
    kept = repr((family, rotated))
    for secret in (token.proof, token.secret, successor.secret):
        assert repr(secret)[2:-1] not in kept


def test_a_family_that_never_rotated_has_no_successor_to_open() -> None:
    family, token = found(uuid4(), secrets.token_bytes)
    with pytest.raises(ValueError, match="not been rotated"):
        family.successor_of(token)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32))
def test_a_token_reads_as_it_was_written(proof: bytes, secret: bytes) -> None:
    token = RefreshToken(session_id=uuid4(), proof=proof, secret=secret)
    assert RefreshToken.parse(token.encode()) == token


@given(st.text(max_size=120))
def test_other_text_is_no_token(text: str) -> None:
    parsed = RefreshToken.parse(text)
    assert parsed is None or parsed.encode() == text


def test_a_token_has_one_spelling() -> None:
    _, token = found(uuid4(), secrets.token_bytes)
    text = token.encode()
    for other in (text + "=", text.removeprefix("tfr_"), text[:-1] + chr(ord(text[-1]) ^ 1), text + "A", " " + text):
        assert RefreshToken.parse(other) is None
