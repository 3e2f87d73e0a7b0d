"""Subgraphs behind TLS: verified, bounded, and failing like any other."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.executor.ports import SubgraphFailure, SubgraphReply
from gateway.planner.nodes import OperationKind
from tests.unit.gateway.transport.raw_server import reply
from tests.unit.gateway.transport.test_client import Person, call, client

Respond = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for 127.0.0.1 that clients of this test trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = built.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(private + encoded)
    (tmp_path / "trusted.pem").write_bytes(encoded)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    return context


@asynccontextmanager
async def tls_server(context: ssl.SSLContext, respond: Respond) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            await reader.readexactly(int(head.lower().split("content-length: ")[1].split("\r\n")[0]))
            await respond(head, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"


async def ok(head: str, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(b"yes", "content-length: 3", "connection: close"))


async def test_a_reply_comes_through_and_headers_go_along(certificate: ssl.SSLContext) -> None:
    heads: list[str] = []

    async def respond(head: str, writer: asyncio.StreamWriter) -> None:
        heads.append(head.lower())
        await ok(head, writer)

    async with tls_server(certificate, respond) as url, client(url) as subgraphs:
        person = Person(sent=(("authorization", "Bearer x"),))
        assert await subgraphs.send(call(caller=person)) == SubgraphReply(200, b"yes")
    assert "\r\nauthorization: bearer x\r\n" in heads[0]
    assert "\r\ncontent-type: application/json\r\n" in heads[0]


async def test_a_certificate_that_nobody_trusts_is_refused(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with tls_server(certificate, ok) as url, client(url) as subgraphs:
        with pytest.raises(SubgraphFailure) as failure:
            await subgraphs.send(call())
    assert failure.value.code == "UNAVAILABLE"


async def test_a_reply_over_the_limit_is_refused(certificate: ssl.SSLContext) -> None:
    async def huge(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"x" * 2000))

    async with tls_server(certificate, huge) as url, client(url, max_body=1000) as subgraphs:
        with pytest.raises(SubgraphFailure) as failure:
            await subgraphs.send(call())
    assert failure.value.code == "SUBREQUEST_RESPONSE_TOO_LARGE"


async def test_a_redirect_is_not_followed(certificate: ssl.SSLContext) -> None:
    async def elsewhere(_: str, writer: asyncio.StreamWriter) -> None:
        headers = ("location: https://evil.example/", "content-length: 0", "connection: close")
        writer.write(reply(b"", *headers, status="307 Temporary Redirect"))

    async with tls_server(certificate, elsewhere) as url, client(url) as subgraphs:
        assert (await subgraphs.send(call())).status == 307


async def test_a_mutation_whose_connection_breaks_is_sent_once(certificate: ssl.SSLContext) -> None:
    seen: list[str] = []

    async def breaks(head: str, _: asyncio.StreamWriter) -> None:
        seen.append(head)

    async with tls_server(certificate, breaks) as url, client(url) as subgraphs:
        with pytest.raises(SubgraphFailure) as failure:
            await subgraphs.send(call(kind=OperationKind.MUTATION))
    assert failure.value.code == "UNAVAILABLE"
    assert len(seen) == 1


async def test_the_deadline_ends_a_call(certificate: ssl.SSLContext) -> None:
    async def silent(_: str, __: asyncio.StreamWriter) -> None:
        await asyncio.get_running_loop().create_future()

    async with tls_server(certificate, silent) as url, client(url) as subgraphs:
        with pytest.raises(SubgraphFailure) as failure:
            await subgraphs.send(call(seconds=0.3))
    assert failure.value.code == "TIMEOUT"
