"""Owns the gRPC port of a process: calls have a verified caller, a deadline, a trace and one translation of errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any

import grpc
from opentelemetry.trace import SpanKind
from prometheus_client import Histogram

from kit.errors import DomainError, Kind
from kit.identity import HEADER, Caller, InternalVerifier
from kit.resilience import Deadline
from kit.rpc.status import ERROR_KEY, STATUS, packed
from kit.telemetry import LATENCY_BUCKETS, children, logger, span, trace_id

_DURATION = children(
    Histogram("rpc_server_duration_seconds", "gRPC calls served.", ["method", "outcome"], buckets=LATENCY_BUCKETS)
)
_LONGEST_SECONDS = 30.0
_STOP_GRACE_SECONDS = 5.0
WIRE_OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.max_concurrent_streams", 1000),
)

_caller: ContextVar[Caller] = ContextVar("rpc_caller")
_log = logger("rpc")


def current_caller() -> Caller:
    """Who made the call being served. Raises `LookupError` outside of one."""
    return _caller.get()


@dataclass(frozen=True, slots=True)
class RpcServer:
    """An open gRPC port."""

    port: int


@asynccontextmanager
async def server(
    register: Sequence[Callable[[grpc.aio.Server], None]], verifier: InternalVerifier, host: str, port: int
) -> AsyncIterator[RpcServer]:
    """Serves for the length of a block; `register` adds servicers (`partial(add_XServicer_to_server, servicer)`).

    Raises `DomainError` PRECONDITION_FAILED when the port is taken. Running calls get a few seconds to end.
    """
    wire = grpc.aio.server(interceptors=[_Edge(verifier)], options=WIRE_OPTIONS)
    for add in register:
        add(wire)
    try:
        bound = wire.add_insecure_port(f"{host}:{port}")
    except RuntimeError as error:
        raise DomainError(Kind.PRECONDITION, "PRECONDITION_FAILED", f"cannot listen on {host}:{port}") from error
    await wire.start()
    try:
        yield RpcServer(bound)
    finally:
        await wire.stop(_STOP_GRACE_SECONDS)


class _Edge(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the type stubs alone
    """Wraps the handler of each call."""

    def __init__(self, verifier: InternalVerifier) -> None:
        self._verifier = verifier

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        metadata = {
            key: value for key, value in handler_call_details.invocation_metadata or () if isinstance(value, str)
        }
        method = handler_call_details.method.rpartition("/")[2]
        try:
            caller = self._verifier.verify(metadata.get(HEADER, ""))
        except DomainError as error:
            return _refusal(error, method)
        return grpc.unary_unary_rpc_method_handler(
            _edge(handler.unary_unary, method, caller, metadata.get("traceparent")),
            handler.request_deserializer,
            handler.response_serializer,
        )


def _refusal(error: DomainError, method: str) -> Any:
    """A handler that answers without reading the request."""

    async def refuse(_: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> bytes:
        _DURATION(method, error.code).observe(0.0)
        await _abort(context, error)
        return b""

    return grpc.unary_unary_rpc_method_handler(refuse)


def _edge(handle: Callable[..., Awaitable[Any]], method: str, caller: Caller, parent: str | None) -> Any:
    async def edge(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        _caller.set(caller)
        began, outcome = monotonic(), "ok"
        deadline = Deadline.after(min(context.time_remaining() or _LONGEST_SECONDS, _LONGEST_SECONDS))
        with deadline.scope(), span(method, kind=SpanKind.SERVER, parent=parent):
            try:
                return await handle(request, context)
            except DomainError as error:
                outcome = error.code
                await _abort(context, error)
            except Exception:
                outcome = "INTERNAL"
                _log.exception("call failed", method=method)
                await _abort(context, _masked())
            finally:
                _DURATION(method, outcome).observe(monotonic() - began)

    return edge


def _masked() -> DomainError:
    return DomainError(Kind.INTERNAL, "INTERNAL", "Something went wrong on our side.", traceId=trace_id())


async def _abort(context: grpc.aio.ServicerContext[Any, Any], error: DomainError) -> None:
    context.set_trailing_metadata(((ERROR_KEY, packed(error)),))
    await context.abort(STATUS[error.kind], error.message)
