"""What the executor needs of the outside: someone on whose behalf it calls, and a way to reach a subgraph.

A client starts the request before `send` returns, so that one wave is on the wire before its first reply is awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.planner.nodes import OperationKind

Headers = tuple[tuple[str, str], ...]


class Caller(Protocol):
    """On whose behalf subgraphs are called."""

    @property
    def key(self) -> Hashable:
        """Two callers have equal keys only if no subgraph can tell them apart."""

    def headers(self, service: str) -> Headers:
        """Credentials and forwarded headers for a subgraph; asked before every call because credentials age."""


@dataclass(frozen=True, slots=True)
class SubgraphCall:
    """One GraphQL request: `body` is the encoded JSON object, `deadline` is in the event loop's time."""

    service: str
    kind: OperationKind
    body: bytes
    caller: Caller
    deadline: float


@dataclass(frozen=True, slots=True)
class SubgraphReply:
    """What came back, undecoded: several callers may share one reply and each may change what it decodes."""

    status: int
    body: bytes


class SubgraphFailure(Exception):
    """No reply could be had. `code` is the client's contract, the message is safe to show."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SubgraphClient(Protocol):
    """Carries calls to subgraphs."""

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        """Starts the call. The future fails with `SubgraphFailure` alone; cancelling it gives the call up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedReply:
    """One GraphQL response of a subscription, decoded."""

    data: dict[str, Any] | None
    errors: tuple[Any, ...] = ()


class SubgraphStreamClient(Protocol):
    """Carries subscriptions to subgraphs."""

    def stream(self, call: SubgraphCall) -> AsyncGenerator[StreamedReply, None]:
        """The responses until the subgraph completes. Raises `DomainError` when the stream breaks."""
