"""What the edge needs to know of a client: on whose behalf an operation runs."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.executor.ports import Caller, Headers


class Identity(Protocol):
    """Establishes callers. Both methods raise `DomainError` UNAUTHENTICATED (or kin) in doubt."""

    async def of_request(self, headers: Mapping[str, str], address: str | None) -> Caller:
        """The caller of an HTTP request; header names are in lower case."""

    async def of_socket(self, headers: Mapping[str, str], payload: Mapping[str, object], address: str | None) -> Caller:
        """The caller of one operation on a WebSocket that was opened with these headers and init payload."""

    async def ended(self, caller: Caller) -> str:
        """Returns the reason when the caller may no longer be connected; waits for ever for one who may."""


class RequestLimiter(Protocol):
    """Decides whether a caller may ask for more now."""

    async def admit(self, caller: Caller, weight: int) -> None:
        """Raises `DomainError` of kind `limited` for one who has asked for too much; `weight` is 1 or more."""


@dataclass(frozen=True, slots=True)
class ForwardedHeaders:
    """A caller who is whatever the forwarded headers say."""

    sent: Headers

    @property
    def key(self) -> Hashable:
        return self.sent

    def headers(self, service: str) -> Headers:
        return self.sent


class ForwardingIdentity:
    """Hands chosen client headers on to subgraphs and judges none of them."""

    def __init__(self, names: tuple[str, ...] = ("authorization",)) -> None:
        self._names = tuple(name.lower() for name in names)

    async def of_request(self, headers: Mapping[str, str], address: str | None) -> Caller:
        return ForwardedHeaders(tuple((name, headers[name]) for name in self._names if name in headers))

    async def of_socket(self, headers: Mapping[str, str], payload: Mapping[str, object], address: str | None) -> Caller:
        given = {str(name).lower(): value for name, value in payload.items() if isinstance(value, str)}
        return await self.of_request({**headers, **given}, address)

    async def ended(self, caller: Caller) -> str:
        never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        return await never
