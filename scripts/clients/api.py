"""People who call the gateways over HTTP, one gateway after the other, and know a definite no from no answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

ANSWER_SECONDS = 10.0
# Codes that leave open whether the call took effect; all others are a definite no.
UNDECIDED = frozenset({"UNAVAILABLE", "TIMEOUT", "INTERNAL"})
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) { accessToken } }"""


class Unanswered(Exception):
    """Nobody knows whether the call took effect."""


class Refused(Exception):
    """A definite no with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(slots=True)
class Api:
    """GraphQL over HTTP, the gateways in turn."""

    http: aiohttp.ClientSession
    gateways: list[str]
    turns: Iterator[int] = field(default_factory=itertools.count)

    async def call(self, document: str, variables: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        """The data. Raises Refused, or Unanswered when there is no answer or none that decides."""
        url = self.gateways[next(self.turns) % len(self.gateways)]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        try:
            limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
            async with self.http.post(url + "/graphql", json=body, headers=headers, timeout=limit) as response:
                content = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unanswered(repr(error)) from error
        if errors := content.get("errors"):
            code = errors[0].get("extensions", {}).get("code", "INTERNAL")
            if code in UNDECIDED or code.startswith(("SUBREQUEST", "SUBGRAPH", "GATEWAY")):
                raise Unanswered(f"{code}: {errors[0]['message']}")
            raise Refused(code, errors[0]["message"])
        data: dict[str, Any] = content["data"]
        return data


@dataclass(slots=True)
class Account:
    """Someone who logs in again when the session is gone (a loss of Redis)."""

    api: Api
    email: str
    password: str
    token: str = ""
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def call(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """As `Api.call`, as this person."""
        used = self.token
        try:
            return await self.api.call(document, variables, used)
        except Refused as refusal:
            if refusal.code not in ("UNAUTHENTICATED", "SESSION_ENDED", "TOKEN_EXPIRED", "TOKEN_INVALID"):
                raise
        await self.renew(used)
        return await self.api.call(document, variables, self.token)

    async def renew(self, used: str) -> None:
        """Logs in, unless somebody else did since `used` was read. Raises Unanswered."""
        async with self._renewing:
            if self.token == used:
                answer = await self.api.call(LOGIN, {"input": {"email": self.email, "password": self.password}})
                self.token = answer["login"]["accessToken"]
