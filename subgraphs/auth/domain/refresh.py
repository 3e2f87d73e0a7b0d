"""Owns refresh tokens and their rotation: a session's tokens are one family, each works once, only hashes are kept.

A token names its session, proves the family and carries the secret of its generation. Whoever knows the family's proof
once held a real token, so an old secret beside a right proof is a replay, whatever its age; a wrong proof is a guess
and changes nothing. An answer may be lost on its way: for a short grace the token just used gives the same successor
again, sealed under that token itself, so that only its holder can open it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

PREFIX = "tfr_"
_PROOF_BYTES = 16
_SECRET_BYTES = 32
_TOKEN_BYTES = 16 + _PROOF_BYTES + _SECRET_BYTES

NewSecret = Callable[[int], bytes]


class Verdict(Enum):
    """What a presented token is to its family."""

    CURRENT = auto()
    JUST_USED = auto()
    REPLAYED = auto()
    FOREIGN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A token as the client holds it."""

    session_id: UUID
    proof: bytes = field(repr=False)
    secret: bytes = field(repr=False)

    def encode(self) -> str:
        raw = self.session_id.bytes + self.proof + self.secret
        return PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> RefreshToken | None:
        """The token written in its one form, or None."""
        try:
            raw = base64.b64decode(text.removeprefix(PREFIX) + "==", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(raw) != _TOKEN_BYTES:
            return None
        token = cls(session_id=UUID(bytes=raw[:16]), proof=raw[16:32], secret=raw[32:])
        return token if token.encode() == text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is kept of the tokens of one session."""

    proof_hash: bytes
    current_hash: bytes
    used_hash: bytes | None = None
    sealed: bytes | None = None
    rotated_at: datetime | None = None

    def judge(self, token: RefreshToken, now: datetime, grace: timedelta) -> Verdict:
        if not hmac.compare_digest(_hash(token.proof), self.proof_hash):
            return Verdict.FOREIGN
        presented = _hash(token.secret)
        if hmac.compare_digest(presented, self.current_hash):
            return Verdict.CURRENT
        if self.used_hash is None or self.rotated_at is None or not hmac.compare_digest(presented, self.used_hash):
            return Verdict.REPLAYED
        return Verdict.JUST_USED if now - self.rotated_at <= grace else Verdict.REPLAYED

    def rotate(self, token: RefreshToken, now: datetime, new_secret: NewSecret) -> tuple[Family, RefreshToken]:
        """The family after its current token was used, and the token's successor."""
        successor = RefreshToken(session_id=token.session_id, proof=token.proof, secret=new_secret(_SECRET_BYTES))
        rotated = Family(
            proof_hash=self.proof_hash,
            current_hash=_hash(successor.secret),
            used_hash=self.current_hash,
            sealed=_seal(token, successor.secret),
            rotated_at=now,
        )
        return rotated, successor

    def successor_of(self, token: RefreshToken) -> RefreshToken:
        """The successor that was given for the token just used."""
        if self.sealed is None:
            raise ValueError("this family has not been rotated")
        return RefreshToken(session_id=token.session_id, proof=token.proof, secret=_seal(token, self.sealed))


def found(session_id: UUID, new_secret: NewSecret) -> tuple[Family, RefreshToken]:
    """A new family and its first token."""
    token = RefreshToken(session_id=session_id, proof=new_secret(_PROOF_BYTES), secret=new_secret(_SECRET_BYTES))
    return Family(proof_hash=_hash(token.proof), current_hash=_hash(token.secret)), token


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _seal(token: RefreshToken, secret: bytes) -> bytes:
    """Covers a secret with a pad that only the token gives, and uncovers it again. Each pad is used once."""
    pad = hmac.digest(token.secret, b"taskflow refresh successor", "sha256")
    return bytes(left ^ right for left, right in zip(secret, pad, strict=True))
