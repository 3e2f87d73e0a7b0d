"""Owns the way to push services. Users name the addresses, so only public ones over TLS are ever called, as they
resolve at the moment of the call, and no redirect is followed.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp
import orjson

from kit.clock import Clock
from subgraphs.notification.domain.deliveries import Push
from subgraphs.notification.domain.subscriptions import Subscription, is_endpoint
from subgraphs.notification.push.sealing import LONGEST_MESSAGE, seal
from subgraphs.notification.push.vapid import Vapid
from subgraphs.notification.service.ports import Counter, DeliveryDeferred, DeliveryRefused, Subscriptions

_CALL_SECONDS = 8.0
_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})
_TRANSLATED = IPv6Network("64:ff9b::/96")


class ForbiddenAddress(OSError):
    """The endpoint resolves to an address that is not a public one."""


class PushServices:
    """`service.ports.Provider`. `plain` lets private addresses and http pass: for development and tests."""

    def __init__(self, subscriptions: Subscriptions, vapid: Vapid, clock: Clock, *, plain: bool = False) -> None:
        self._subscriptions = subscriptions
        self._vapid = vapid
        self._clock = clock
        self._plain = plain

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Counter[Push]]:
        connector = aiohttp.TCPConnector(socket_factory=_any_socket if self._plain else _public_socket, limit=20)
        timeout = aiohttp.ClientTimeout(total=_CALL_SECONDS)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as client:
            yield PushCounter(client, self._subscriptions, self._vapid, self._clock, plain=self._plain)


class PushCounter:
    """`service.ports.Counter` for all push services."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        subscriptions: Subscriptions,
        vapid: Vapid,
        clock: Clock,
        *,
        plain: bool,
    ) -> None:
        self._client = client
        self._subscriptions = subscriptions
        self._vapid = vapid
        self._clock = clock
        self._plain = plain

    async def hand_over(self, delivery: Push) -> None:
        now = self._clock.now()
        if now >= delivery.expires_at:
            raise DeliveryRefused("not worth delivering any more")
        device = await self._subscriptions.get(delivery.subscription_id)
        if device is None or device.user_id != delivery.user_id:
            raise DeliveryRefused("the device is not subscribed any more")
        if not is_endpoint(device.endpoint, plain=self._plain):
            raise DeliveryRefused("the endpoint must not be called")
        await self._post(delivery, device, now)

    async def _post(self, push: Push, device: Subscription, now: datetime) -> None:
        body = seal(message(push), device.p256dh, device.auth)
        headers = {
            "Authorization": self._vapid.authorization(device.endpoint, now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int((push.expires_at - now).total_seconds())),
            "Urgency": push.urgency,
            "Topic": push.topic,
        }
        try:
            async with self._client.post(device.endpoint, data=body, headers=headers, allow_redirects=False) as answer:
                await self._judge(answer, device, now)
        except ForbiddenAddress as error:
            raise DeliveryRefused(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error.__cause__, ForbiddenAddress):
                raise DeliveryRefused(str(error.__cause__)) from error
            raise DeliveryDeferred(f"{device.service}: {type(error).__name__}") from error

    async def _judge(self, answer: aiohttp.ClientResponse, device: Subscription, now: datetime) -> None:
        """Returns when the service took the push."""
        if 200 <= answer.status < 300:
            return
        said = f"{device.service} answered {answer.status}"
        if answer.status in _GONE:
            await self._subscriptions.drop(device.id, device.user_id)
            raise DeliveryRefused(f"{said}: the device is gone")
        if answer.status in _LATER or answer.status >= 500:
            raise DeliveryDeferred(said, retry_after(answer.headers.get("Retry-After"), now))
        raise DeliveryRefused(said)


def message(push: Push) -> bytes:
    """What the page's worker gets: JSON, with the body cut where it would not fit into one record."""
    content = {"id": str(push.notification_id), "category": push.category.value, "title": push.title, "url": push.url}
    room = LONGEST_MESSAGE - len(orjson.dumps(content | {"body": ""}))
    body = push.body
    while len(orjson.dumps(body)) - 2 > room:
        body = body[: max(0, len(body) - max(1, (len(orjson.dumps(body)) - 2 - room) // 6))]
    return orjson.dumps(content | {"body": body})


def retry_after(text: str | None, now: datetime) -> timedelta:
    """How long a service asks to be left alone: seconds or a date; nothing that it does not say clearly."""
    if text is None:
        return timedelta(0)
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 86_400))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return max(timedelta(0), min(until - now, timedelta(days=1)))


def _public_socket(address: Any) -> socket.socket:
    """Called with each address just before it is connected to, literal or resolved."""
    host = address[4][0]
    if not is_public(host):
        raise ForbiddenAddress(f"{host} is not a public address")
    return _any_socket(address)


def _any_socket(address: Any) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    return made


def is_public(host: str) -> bool:
    """Whether an address belongs to the public internet; one that carries a private one inside does not."""
    address = ip_address(host.partition("%")[0])
    inside: list[IPv4Address | IPv6Address] = [address]
    if isinstance(address, IPv6Address):
        inside += [found for found in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if found]
        if address in _TRANSLATED:
            inside.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return all(one.is_global and not one.is_multicast for one in inside)
