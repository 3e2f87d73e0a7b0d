"""Owns the way to the mail server. Its failures come out as what they mean for one mail or for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import Policy
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from kit.errors import DomainError
from kit.resilience import CircuitBreaker
from subgraphs.notification.domain.deliveries import Delivery
from subgraphs.notification.service.ports import Counter, DeliveryDeferred, DeliveryRefused, ProviderDown

_SERVER_SECONDS = 5.0
_MAIL_SECONDS = 10.0
_TLS_PORT, _PLAIN_PORT = 465, 25
_REFUSED_FOR_GOOD = range(550, 560)


class _UrlHeader(UnstructuredHeader, BaseHeader):
    """An address on one line: folded, it would be written as encoded words, which no mail program takes for one."""

    def fold(self, *, policy: Policy[Any]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _UrlHeader)
_POLICY = SMTP_POLICY.clone(header_factory=_HEADERS)


class SmtpMailer:
    """`service.ports.Mailer` for a URL like `smtp://user:password@host:port` (`smtps` for TLS from the start)."""

    def __init__(self, url: str, sender: str, breaker: CircuitBreaker) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (_TLS_PORT if self._tls else _PLAIN_PORT)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = _address(sender)
        self._breaker = breaker

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Counter[Delivery]]:
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            username=self._username,
            password=self._password,
            timeout=_SERVER_SECONDS,
        )
        try:
            await self._connect(client)
            yield SmtpCounter(client, self._sender, self._breaker)
        finally:
            await _leave(client)

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            with self._breaker.guard():
                await client.connect()
        except (aiosmtplib.SMTPException, OSError, TimeoutError, DomainError) as error:
            raise ProviderDown(_reason(error)) from error


class SmtpCounter:
    """`service.ports.Counter` on one connection."""

    def __init__(self, client: aiosmtplib.SMTP, sender: Address, breaker: CircuitBreaker) -> None:
        self._client = client
        self._sender = sender
        self._breaker = breaker

    async def hand_over(self, delivery: Delivery) -> None:
        try:
            message = compose(delivery, self._sender)
        except (ValueError, HeaderParseError) as error:
            raise DeliveryRefused(f"cannot be addressed: {error}") from error
        try:
            with self._breaker.guard():
                complaint = await self._send(message, delivery.recipient)
        except DomainError as error:
            raise ProviderDown(_reason(error)) from error
        if complaint is not None:
            raise complaint

    async def _send(self, message: EmailMessage, recipient: str) -> DeliveryRefused | DeliveryDeferred | None:
        """What the server has against this mail; a server that gives no answer raises `ProviderDown`."""
        try:
            async with asyncio.timeout(_MAIL_SECONDS):
                await self._client.send_message(message, sender=self._sender.addr_spec, recipients=[recipient])
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            kind = DeliveryRefused if refusal.code in _REFUSED_FOR_GOOD else DeliveryDeferred
            return kind(f"{refusal.code} {refusal.message}")
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError, TimeoutError) as error:
            raise ProviderDown(_reason(error)) from error
        except aiosmtplib.SMTPResponseException as error:
            return DeliveryDeferred(f"{error.code} {error.message}")
        return None


def compose(delivery: Delivery, sender: Address) -> EmailMessage:
    """The message as it travels. Raises `ValueError` where a header would carry more than itself."""
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = delivery.message_id
    message["Date"] = format_datetime(delivery.created_at)
    message["From"] = sender
    message["To"] = Address(addr_spec=delivery.recipient)
    message["Subject"] = delivery.letter.subject
    message["Auto-Submitted"] = "auto-generated"
    if delivery.letter.unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{delivery.letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["X-TaskFlow-Category"] = delivery.category.value
    if delivery.task_id is not None:
        message["X-TaskFlow-Task"] = str(delivery.task_id)
    message.set_content(delivery.letter.text)
    message.add_alternative(delivery.letter.html, subtype="html")
    message.set_boundary(f"part-{delivery.id.hex}")  # not a random one: every attempt sends the same bytes
    return message


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    return Address(display_name=name, addr_spec=spec)


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Says goodbye; a server that has gone need not hear it."""
    try:
        if client.is_connected:
            async with asyncio.timeout(1):
                await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass
    finally:
        client.close()


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
