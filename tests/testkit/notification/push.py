"""Owns the other side of Web Push: a browser with its keys, and a push service that keeps what it was given."""

from __future__ import annotations

import asyncio
import os
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VAPID_KEY = urlsafe_b64encode((7).to_bytes(32)).rstrip(b"=").decode()


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """Reads what was sealed for it, step by step as RFC 8188 and RFC 8291 tell the receiver."""

    def __init__(self) -> None:
        self._key = generate_private_key(SECP256R1())
        self.auth = os.urandom(16)
        self.p256dh = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def keys(self) -> dict[str, str]:
        return {"p256dh": text(self.p256dh), "auth": text(self.auth)}

    def open(self, body: bytes) -> bytes:
        """Raises `InvalidTag` when it was sealed for somebody else."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= int.from_bytes(body[16:20])
        shared = self._key.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender))
        secret = _derive(shared, self.auth, b"WebPush: info\0" + self.p256dh + sender, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None)
        message, mark, padding = padded.rpartition(b"\x02")
        assert mark == b"\x02"
        assert not padding.strip(b"\0")
        return message


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass
class Taken:
    """A push as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def told(self, browser: Browser) -> dict[str, Any]:
        content: dict[str, Any] = orjson.loads(browser.open(self.body))
        return content


@dataclass
class PushService:
    """Takes pushes. `answers` are given one by one, by path; 201, and then always, is a yes."""

    url: str
    taken: list[Taken] = field(default_factory=list)
    answers: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def endpoint(self, name: str) -> str:
        return f"{self.url}/push/{name}"

    def of(self, name: str) -> list[Taken]:
        return [one for one in self.taken if one.path == f"/push/{name}"]

    async def until(self, name: str, count: int = 1, seconds: float = 20) -> list[Taken]:
        """The pushes to a name as soon as there are `count`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(found := self.of(name)) < count:
                self._came.clear()
                await self._came.wait()
        return found

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.taken.append(Taken(request.path, {name.lower(): value for name, value in request.headers.items()}, body))
        self._came.set()
        planned = self.answers.get(request.path.rpartition("/")[2])
        status, headers = planned.pop(0) if planned else (201, {})
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """Listens at a free port of this machine, without TLS."""
    service = PushService("")
    app = web.Application()
    app.router.add_post("/push/{name}", service.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        service.url = f"http://127.0.0.1:{port}"
        yield service
    finally:
        await runner.cleanup()


def vapid_claims(header: str, audience: str) -> dict[str, Any]:
    """What an Authorization header claims, checked with the key that it names."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    token, key = (part.strip().partition("=")[2] for part in rest.split(","))
    point = jwt.utils.base64url_decode(key)
    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    claims: dict[str, Any] = jwt.decode(token, public, algorithms=["ES256"], audience=audience)
    return claims
