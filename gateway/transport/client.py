"""The subgraph client: picks a replica, keeps the deadline, tries queries again within a budget, shares equal ones.

The usual call takes no task: an idle connection is written to at once and its future is handed on. Everything else
(no idle connection, a failure, a retry) goes through the coroutine `_attempt_all`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from gateway.executor.ports import SubgraphCall, SubgraphFailure, SubgraphReply
from gateway.planner.nodes import OperationKind
from gateway.transport.connection import Connection, ExchangeFailed, ReplyTooLarge
from gateway.transport.endpoint import Endpoint, UnusableHeader, encode_headers
from gateway.transport.metrics import observe
from gateway.transport.origin import Origin, PlainOrigin, StaleConnection
from gateway.transport.pool import PoolOptions
from gateway.transport.sharing import InFlight
from kit.errors import DomainError
from kit.resilience import TIMEOUT_HEADER, CircuitBreaker, RetryBudget, backoff
from kit.telemetry import traceparent

Reply = asyncio.Future[SubgraphReply]

UNAVAILABLE = "UNAVAILABLE"
TIMEOUT = "TIMEOUT"
TOO_LARGE = "SUBREQUEST_RESPONSE_TOO_LARGE"
BAD_HEADER = "SUBREQUEST_HEADER_REFUSED"

_OVERLOADED = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOptions:
    """How calls behave; times in seconds."""

    pool: PoolOptions = field(default_factory=PoolOptions)
    max_tries: int = 3
    slow_after: float = 5.0
    share_queries: bool = True


class _Replica:
    __slots__ = ("breaker", "endpoint", "origin")

    def __init__(self, service: str, url: str, options: TransportOptions) -> None:
        self.endpoint = Endpoint.parse(url)
        self.origin: Origin
        if self.endpoint.secure:
            self.origin = import_module("gateway.transport.secure").SecureOrigin(self.endpoint, options.pool)
        else:
            self.origin = PlainOrigin(self.endpoint, options.pool)
        self.breaker = CircuitBreaker(f"{service} at {self.endpoint.host}:{self.endpoint.port}")


class _Service:
    """A subgraph's replicas, taken in turn."""

    __slots__ = ("_turn", "budget", "name", "replicas")

    def __init__(self, name: str, urls: Sequence[str], options: TransportOptions) -> None:
        self.name = name
        self.replicas = [_Replica(name, url, options) for url in urls]
        self.budget = RetryBudget(name)
        self._turn = 0

    def pick(self, avoid: _Replica | None = None) -> _Replica | None:
        """The next replica whose breaker admits a call, another one than `avoid` where there is a choice."""
        count = len(self.replicas)
        self._turn = (self._turn + 1) % count
        in_turn = [self.replicas[(self._turn + i) % count] for i in range(count)] if count > 1 else self.replicas
        admitting = [replica for replica in in_turn if replica.breaker.admits]
        others = [replica for replica in admitting if replica is not avoid]
        return next(iter(others or admitting), None)


class HttpSubgraphs:
    """Calls subgraphs by name; `urls` gives each its replicas. Close it when no call is under way any more."""

    def __init__(self, urls: Mapping[str, Sequence[str]], options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._services = {name: _Service(name, given, self._options) for name, given in urls.items()}
        self._in_flight = InFlight()
        self._mutations = 0

    def send(self, call: SubgraphCall) -> Reply:
        if call.kind is OperationKind.MUTATION:
            reply = self._begin(call)
            reply.add_done_callback(self._changed)
            return reply
        if call.kind is not OperationKind.QUERY or not self._options.share_queries:
            return self._begin(call)
        key = (call.service, call.caller.key, call.body, self._mutations)
        return self._in_flight.join(key, lambda: self._begin(call))

    def _changed(self, _: Reply) -> None:
        """Whoever asks after a mutation must not be given what was read before it."""
        self._mutations += 1

    async def aclose(self) -> None:
        for service in self._services.values():
            for replica in service.replicas:
                await replica.origin.aclose()

    def _begin(self, call: SubgraphCall) -> Reply:
        loop = asyncio.get_running_loop()
        service = self._services[call.service]
        service.budget.deposit()
        replica = service.pick()
        try:
            head = head_lines(call)
        except SubgraphFailure as failure:
            refused: Reply = loop.create_future()
            refused.set_exception(failure)
            return refused
        if replica is not None and isinstance(replica.origin, PlainOrigin):
            connection = replica.origin.pool.idle(loop.time())
            if connection is not None:
                return _Flight(self, call, head, service, replica, replica.origin, connection).outcome
        return loop.create_task(self.attempt_all(call, service, replica, tries=1))

    async def attempt_all(
        self, call: SubgraphCall, service: _Service, replica: _Replica | None, *, tries: int, fresh: bool = False
    ) -> SubgraphReply:
        """Tries until there is a reply, a final failure, or no more to try. Raises SubgraphFailure."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            if replica is None:
                raise SubgraphFailure(UNAVAILABLE, f"'{service.name}' is not answering; try again shortly.")
            result = await self._attempt(call, replica, fresh=fresh)
            if isinstance(result, SubgraphReply) or not self.may_retry(call, service, result, tries):
                return self.settle(call, result, began)
            fresh = isinstance(result, _Stale)
            if not fresh:
                pause = backoff(tries)
                if loop.time() + pause >= call.deadline:
                    return self.settle(call, result, began)
                await asyncio.sleep(pause)
                replica = service.pick(avoid=replica)
            tries += 1

    async def _attempt(self, call: SubgraphCall, replica: _Replica, *, fresh: bool) -> SubgraphReply | _Failed:
        head = head_lines(call)
        try:
            with replica.breaker.guard(self._options.slow_after):
                async with asyncio.timeout_at(call.deadline):
                    reply = await replica.origin.post(head, call.body, fresh=fresh)
                if reply.status in _OVERLOADED:
                    raise Overloaded(reply)
                return reply
        except (OSError, DomainError):  # TimeoutError is an OSError
            if asyncio.get_running_loop().time() >= call.deadline:
                raise timed_out(call.service) from None
            return _Failed(sent=False)
        except (ExchangeFailed, Overloaded) as error:
            return failed_by(error)
        except ReplyTooLarge:
            raise too_large(call.service) from None

    def may_retry(self, call: SubgraphCall, service: _Service, failed: _Failed, tries: int) -> bool:
        """A query may be sent again; anything may be that never left us."""
        if tries >= self._options.max_tries or (failed.sent and call.kind is not OperationKind.QUERY):
            return False
        return isinstance(failed, _Stale) or service.budget.withdraw()

    def settle(self, call: SubgraphCall, result: SubgraphReply | _Failed, began: float) -> SubgraphReply:
        """The last attempt's result as the caller gets it. Raises SubgraphFailure."""
        if isinstance(result, _Failed):
            if result.reply is None:
                observe(call.service, UNAVAILABLE, began)
                raise SubgraphFailure(UNAVAILABLE, f"'{call.service}' cannot be reached.")
            result = result.reply
        observe(call.service, str(result.status), began)
        return result

    @property
    def slow_after(self) -> float:
        return self._options.slow_after


@dataclass(frozen=True, slots=True)
class _Failed:
    """An attempt without a usable reply; `reply` is what an overloaded replica said."""

    sent: bool = True
    reply: SubgraphReply | None = None


class _Stale(_Failed):
    """The connection had been closed while idle: another one will do."""


class Overloaded(Exception):
    def __init__(self, reply: SubgraphReply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def failed_by(error: Exception) -> _Failed:
    if isinstance(error, StaleConnection):
        return _Stale()
    return _Failed(reply=error.reply) if isinstance(error, Overloaded) else _Failed()


def timed_out(service: str) -> SubgraphFailure:
    return SubgraphFailure(TIMEOUT, f"'{service}' did not answer in time.")


def too_large(service: str) -> SubgraphFailure:
    return SubgraphFailure(TOO_LARGE, f"The reply of '{service}' is too large.")


def head_lines(call: SubgraphCall) -> bytes:
    """The header lines of a call. Raises SubgraphFailure for headers that cannot be sent."""
    remaining = max(0, int((call.deadline - asyncio.get_running_loop().time()) * 1000))
    headers = (*call.caller.headers(call.service), (TIMEOUT_HEADER, str(remaining)))
    trace = traceparent()
    if trace is not None:
        headers = (*headers, ("traceparent", trace))
    try:
        return encode_headers(headers)
    except UnusableHeader as error:
        raise SubgraphFailure(BAD_HEADER, str(error)) from None


def chain(task: asyncio.Task[SubgraphReply], outcome: Reply) -> None:
    """Settles `outcome` as the task ends; cancelling the outcome cancels the task."""

    def ended(_: Reply) -> None:
        if outcome.done():
            if not task.cancelled():
                task.exception()
        elif task.cancelled():
            outcome.cancel()
        elif (error := task.exception()) is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(task.result())

    task.add_done_callback(ended)
    outcome.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)


class _Flight:
    """One exchange on a connection that was idle, watched by callbacks; what fails goes on in `attempt_all`."""

    __slots__ = (
        "_began",
        "_call",
        "_client",
        "_connection",
        "_exchange",
        "_guard",
        "_loop",
        "_origin",
        "_replica",
        "_service",
        "_timed_out",
        "_timer",
        "outcome",
    )

    def __init__(
        self,
        client: HttpSubgraphs,
        call: SubgraphCall,
        head: bytes,
        service: _Service,
        replica: _Replica,
        origin: PlainOrigin,
        connection: Connection,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._client = client
        self._call = call
        self._service = service
        self._replica = replica
        self._origin = origin
        self._connection = connection
        self._loop = loop
        self._began = loop.time()
        self._timed_out = False
        self.outcome: Reply = loop.create_future()
        self._guard = replica.breaker.guard(client.slow_after)
        self._guard.__enter__()
        self._exchange = connection.exchange(origin.head(head, call.body), call.body, loop)
        self._timer = loop.call_at(call.deadline, self._expire)
        self._exchange.add_done_callback(self._done)
        self.outcome.add_done_callback(self._given_up)

    def _expire(self) -> None:
        self._timed_out = True
        self._exchange.cancel()

    def _given_up(self, outcome: Reply) -> None:
        if outcome.cancelled():
            self._exchange.cancel()

    def _done(self, exchange: Reply) -> None:
        self._timer.cancel()
        self._origin.pool.release(self._connection, self._loop.time())
        error = self._error(exchange)
        with contextlib.suppress(BaseException):  # the guard lets the error through that it is told of
            self._guard.__exit__(type(error) if error else None, error, None)
        if not self.outcome.done():
            self._conclude(exchange, error)

    def _error(self, exchange: Reply) -> BaseException | None:
        """What the breaker is told of the exchange."""
        if self._timed_out:
            return TimeoutError()
        if exchange.cancelled():
            return asyncio.CancelledError()
        error = exchange.exception()
        if error is None and exchange.result().status in _OVERLOADED:
            return Overloaded(exchange.result())
        return error

    def _conclude(self, exchange: Reply, error: BaseException | None) -> None:
        if error is None:
            observe(self._call.service, str(exchange.result().status), self._began)
            self.outcome.set_result(exchange.result())
        elif isinstance(error, TimeoutError):
            self.outcome.set_exception(timed_out(self._call.service))
        elif isinstance(error, ReplyTooLarge):
            self.outcome.set_exception(too_large(self._call.service))
        elif isinstance(error, ExchangeFailed | Overloaded):
            stale = isinstance(error, ExchangeFailed) and error.unanswered
            self._go_on(_Stale() if stale else failed_by(error))
        else:
            self.outcome.cancel()

    def _go_on(self, failed: _Failed) -> None:
        """Hands a failed exchange to the retrying path, or concludes with it."""
        client, call, service = self._client, self._call, self._service
        if not client.may_retry(call, service, failed, 1):
            try:
                self.outcome.set_result(client.settle(call, failed, self._began))
            except SubgraphFailure as failure:
                self.outcome.set_exception(failure)
            return
        stale = isinstance(failed, _Stale)
        replica = self._replica if stale else service.pick(avoid=self._replica)
        again = self._loop.create_task(client.attempt_all(call, service, replica, tries=2, fresh=stale))
        chain(again, self.outcome)
