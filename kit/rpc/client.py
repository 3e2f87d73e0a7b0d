"""Owns calls to another service of ours: round robin over its targets, deadline, breaker per target, retry with budget.

Every call carries the service's internal token and the trace. Failures come out as `DomainError`: the other side's own
one when it sent one. Only methods named as repeatable are tried again, and only after UNAVAILABLE.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, TypeVar, cast

import grpc
from opentelemetry.trace import SpanKind
from prometheus_client import Histogram

from kit.errors import DomainError, Kind
from kit.identity import HEADER, InternalTokens
from kit.resilience import BreakerOptions, CircuitBreaker, Deadline, RetryBudget, backoff
from kit.rpc.status import rebuilt
from kit.telemetry import LATENCY_BUCKETS, children, span, traceparent

_DURATION = children(
    Histogram(
        "rpc_client_duration_seconds", "gRPC calls made.", ["service", "method", "outcome"], buckets=LATENCY_BUCKETS
    )
)
_TOKEN_FRESH_SECONDS = 0.5
_SLOW_SHARE = 0.8

# A dead peer is noticed within seconds and a restarted one found again at once.
WIRE_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)

RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")
StubT = TypeVar("StubT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """How long to wait and what may be repeated."""

    timeout_seconds: float = 2.0
    attempts: int = 3
    repeatable: Collection[str] = ()
    breaker: BreakerOptions = field(default_factory=BreakerOptions)


@dataclass(frozen=True, slots=True)
class _Target:
    wire: grpc.aio.Channel
    breaker: CircuitBreaker


class Channel:
    """All targets of one service. `stub` makes the generated client that calls through it."""

    def __init__(self, service: str, targets: Sequence[str], tokens: InternalTokens, options: ChannelOptions) -> None:
        self.service = service
        self.options = options
        self.budget = RetryBudget(f"rpc.{service}")
        self._tokens = tokens
        self._token: tuple[float, str] = (0.0, "")
        self._targets = [
            _Target(
                grpc.aio.insecure_channel(target, options=WIRE_OPTIONS),
                CircuitBreaker(f"rpc.{service}.{target}", options.breaker),
            )
            for target in targets
        ]
        self._next = 0

    def stub(self, generated: Callable[[grpc.aio.Channel], StubT]) -> StubT:
        """A generated stub (`AuthServiceStub`) over this channel."""
        return generated(cast("grpc.aio.Channel", self))

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = False,
    ) -> _Call[Any, Any]:
        """What a generated stub asks of a channel."""
        calls = [target.wire.unary_unary(method, request_serializer, response_deserializer) for target in self._targets]
        return _Call(self, method.rpartition("/")[2], calls)

    def metadata(self) -> tuple[tuple[str, str], ...]:
        minted, token = self._token
        if monotonic() - minted > _TOKEN_FRESH_SECONDS:
            token = self._tokens.mint(None, self.service)
            self._token = (monotonic(), token)
        trace = traceparent()
        return ((HEADER, token), ("traceparent", trace)) if trace else ((HEADER, token),)

    def choose(self) -> tuple[int, CircuitBreaker]:
        """The next target whose breaker admits a call; when none does, the next one, whose breaker will refuse."""
        count = len(self._targets)
        start = self._next
        self._next = (start + 1) % count
        for offset in range(count):
            index = (start + offset) % count
            if self._targets[index].breaker.admits:
                self._next = (index + 1) % count
                return index, self._targets[index].breaker
        return start, self._targets[start].breaker

    def __len__(self) -> int:
        return len(self._targets)

    async def close(self) -> None:
        await asyncio.gather(*(target.wire.close(None) for target in self._targets))


class _Call(Generic[RequestT, ResponseT]):
    """One method over all targets."""

    def __init__(self, owner: Channel, method: str, calls: Sequence[Any]) -> None:
        self._owner, self._method, self._calls = owner, method, calls
        self._attempts = owner.options.attempts if method in owner.options.repeatable else 1

    async def __call__(self, request: RequestT, *, timeout: float | None = None) -> ResponseT:
        """Raises `DomainError`."""
        deadline = Deadline.after(timeout if timeout is not None else self._owner.options.timeout_seconds)
        self._owner.budget.deposit()
        with span(f"{self._owner.service}/{self._method}", kind=SpanKind.CLIENT):
            attempt = 1
            while True:
                try:
                    return await self._once(request, deadline)
                except DomainError as error:
                    if error.kind is not Kind.UNAVAILABLE or not await self._again(attempt, deadline):
                        raise
                attempt += 1

    async def _again(self, attempt: int, deadline: Deadline) -> bool:
        if attempt >= self._attempts or not self._owner.budget.withdraw():
            return False
        # Another target deserves a call at once, the same one a moment to come back.
        pause = backoff(attempt) if attempt >= len(self._owner) else 0.0
        if pause >= deadline.remaining:
            return False
        await asyncio.sleep(pause)
        return True

    async def _once(self, request: RequestT, deadline: Deadline) -> ResponseT:
        deadline.check()
        index, breaker = self._owner.choose()
        began, outcome = monotonic(), "ok"
        try:
            with breaker.guard(slow_after=deadline.remaining * _SLOW_SHARE):
                return await self._send(self._calls[index], request, deadline)
        except DomainError as error:
            outcome = error.code
            raise
        finally:
            _DURATION(self._owner.service, self._method, outcome).observe(monotonic() - began)

    async def _send(self, call: Any, request: RequestT, deadline: Deadline) -> ResponseT:
        try:
            answer: ResponseT = await call(request, timeout=deadline.remaining, metadata=self._owner.metadata())
        except grpc.aio.AioRpcError as error:
            raise rebuilt(self._owner.service, error) from None
        return answer


@asynccontextmanager
async def channel(
    service: str, targets: Sequence[str], tokens: InternalTokens, options: ChannelOptions | None = None
) -> AsyncIterator[Channel]:
    """A channel to a service (`auth`, `task`), whose name is also the audience of the tokens it sends."""
    opened = Channel(service, targets, tokens, options or ChannelOptions())
    try:
        yield opened
    finally:
        await opened.close()
