"""Seals a message so that only one browser can read it (RFC 8291 on the content coding aes128gcm of RFC 8188)."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_BYTES = 4096
LONGEST_MESSAGE = RECORD_BYTES - 16 - 1
"""One record with its tag and the mark that it is the last."""

_SALT_BYTES = 16
_LAST = b"\x02"


def seal(
    message: bytes, p256dh: bytes, auth: bytes, key: EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """The body of a push. Key and salt are new for each message, unless a test gives them.

    Raises:
        ValueError: when the message is too long for one record, or `p256dh` is no point of the curve.
    """
    if len(message) > LONGEST_MESSAGE:
        raise ValueError(f"a message of {len(message)} bytes does not fit into one record")
    key = key or new_key(SECP256R1())
    salt = salt or os.urandom(_SALT_BYTES)
    theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), p256dh)
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = key.exchange(ECDH(), theirs)
    secret = _derive(shared, auth, b"WebPush: info\0" + p256dh + ours, 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, message + _LAST, None)
    return salt + RECORD_BYTES.to_bytes(4) + bytes([len(ours)]) + ours + sealed


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
