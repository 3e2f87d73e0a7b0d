"""The HTTP client against servers that behave and servers that do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from gateway.executor.ports import Headers, SubgraphCall, SubgraphFailure, SubgraphReply
from gateway.planner.nodes import OperationKind
from gateway.transport.client import HttpSubgraphs, TransportOptions
from gateway.transport.endpoint import Endpoint, UnusableUrl
from gateway.transport.pool import PoolOptions
from tests.unit.gateway.transport.raw_server import RawServer, Received, raw_server, reply


@dataclass(frozen=True)
class Person:
    key: Hashable = "ada"
    sent: Headers = ()

    def headers(self, service: str) -> Headers:
        return self.sent


@asynccontextmanager
async def client(*urls: str, **options: object) -> AsyncIterator[HttpSubgraphs]:
    subgraphs = HttpSubgraphs({"tasks": urls}, TransportOptions(pool=PoolOptions(**options)))  # type: ignore[arg-type]
    try:
        yield subgraphs
    finally:
        await subgraphs.aclose()


def call(
    body: bytes = b"{}",
    kind: OperationKind = OperationKind.QUERY,
    caller: Person = Person(),
    seconds: float = 5.0,
) -> SubgraphCall:
    return SubgraphCall("tasks", kind, body, caller, asyncio.get_running_loop().time() + seconds)


async def ok(_: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(b"got " + request.body))


class TestExchange:
    async def test_connections_are_reused_and_the_head_is_right(self) -> None:
        async with raw_server(ok) as server, client(server.url) as subgraphs:
            person = Person(sent=(("authorization", "Bearer x"),))
            assert await subgraphs.send(call(b"one", caller=person)) == SubgraphReply(200, b"got one")
            assert await subgraphs.send(call(b"two", caller=person)) == SubgraphReply(200, b"got two")
        assert server.connections == 1
        head = server.requests[1].head
        assert head.startswith("POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:")
        assert "\r\nauthorization: Bearer x\r\n" in head
        assert "\r\ncontent-type: application/json\r\n" in head

    @pytest.mark.parametrize("size", [1, 70_000, 3_000_000])
    async def test_bodies_of_any_size_travel_both_ways(self, size: int) -> None:
        async with raw_server(ok) as server, client(server.url) as subgraphs:
            for _ in range(2):
                assert (await subgraphs.send(call(b"x" * size))).body == b"got " + b"x" * size

    async def test_a_chunked_reply_is_put_together(self) -> None:
        async def chunked(_: RawServer, __: Received, writer: asyncio.StreamWriter) -> None:
            for part in (b"HTTP/1.1 200 OK\r\ntransfer-enc", b"oding: chunked\r\n\r\n3\r\nab", b"c\r\n2;x=y\r\nde\r\n"):
                writer.write(part)
                await writer.drain()
            writer.write(b"0\r\ntrailer: x\r\n\r\n")

        async with raw_server(chunked) as server, client(server.url) as subgraphs:
            for _ in range(2):
                assert (await subgraphs.send(call())).body == b"abcde"
        assert server.connections == 1

    async def test_a_reply_without_length_ends_with_the_connection(self) -> None:
        async def closing(_: RawServer, __: Received, writer: asyncio.StreamWriter) -> None:
            writer.write(reply(b"all of it", "x: y"))
            writer.close()

        async with raw_server(closing) as server, client(server.url) as subgraphs:
            assert (await subgraphs.send(call())).body == b"all of it"
            assert (await subgraphs.send(call())).body == b"all of it"
        assert server.connections == 2

    async def test_an_interim_reply_is_passed_over(self) -> None:
        async def interim(_: RawServer, __: Received, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + reply(b"real"))

        async with raw_server(interim) as server, client(server.url) as subgraphs:
            assert await subgraphs.send(call()) == SubgraphReply(200, b"real")

    async def test_a_connection_over_its_age_is_replaced(self) -> None:
        async with raw_server(ok) as server, client(server.url, max_age=0.0) as subgraphs:
            await subgraphs.send(call())
            await subgraphs.send(call())
        assert server.connections == 2

    async def test_calls_wait_for_a_place_when_all_connections_are_taken(self) -> None:
        gate = asyncio.Event()

        async def slow(_: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
            await gate.wait()
            writer.write(reply(request.body))

        async with raw_server(slow) as server, client(server.url, max_connections=2) as subgraphs:
            calls = [subgraphs.send(call(b"%d" % i)) for i in range(6)]
            await server.has_received(2)
            gate.set()
            assert [(await one).body for one in calls] == [b"%d" % i for i in range(6)]
        assert server.connections == 2


class TestFailures:
    async def test_a_stale_connection_is_replaced_for_a_query(self) -> None:
        async def closes_after_one(server: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
            if request.number == 2 and request.connection == 1:
                writer.close()
            else:
                await ok(server, request, writer)

        async with raw_server(closes_after_one) as server, client(server.url) as subgraphs:
            await subgraphs.send(call(b"one"))
            assert (await subgraphs.send(call(b"two"))).body == b"got two"
        assert server.connections == 2

    async def test_a_mutation_is_never_sent_twice(self) -> None:
        async def closes(_: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
            if request.body == b"change":
                writer.close()
            else:
                writer.write(reply(b"{}"))

        async with raw_server(closes) as server, client(server.url) as subgraphs:
            await subgraphs.send(call(b"read"))
            for _ in range(2):
                with pytest.raises(SubgraphFailure) as failure:
                    await subgraphs.send(call(b"change", OperationKind.MUTATION))
                assert failure.value.code == "UNAVAILABLE"
        assert [request.body for request in server.requests].count(b"change") == 2

    async def test_a_query_moves_on_to_the_next_replica(self) -> None:
        async def busy(_: RawServer, __: Received, writer: asyncio.StreamWriter) -> None:
            writer.write(reply(b"busy", status="503 Busy"))

        async with raw_server(busy) as first, raw_server(ok) as second, client(first.url, second.url) as subgraphs:
            for number in range(4):
                assert (await subgraphs.send(call(b"%d" % number))).status == 200

    async def test_a_mutation_moves_on_only_if_it_never_left(self) -> None:
        async with raw_server(ok) as gone:
            pass
        async with raw_server(ok) as second, client(gone.url, second.url) as subgraphs:
            for number in range(4):
                body = b"change %d" % number
                assert (await subgraphs.send(call(body, OperationKind.MUTATION))).body == b"got " + body
        assert len(second.requests) == 4

    async def test_an_overloaded_reply_is_handed_on_when_nothing_else_helps(self) -> None:
        async def busy(_: RawServer, __: Received, writer: asyncio.StreamWriter) -> None:
            writer.write(reply(b"busy", status="503 Busy"))

        async with raw_server(busy) as server, client(server.url) as subgraphs:
            assert await subgraphs.send(call()) == SubgraphReply(503, b"busy")
        assert len(server.requests) == 3

    async def test_the_breaker_opens_and_refuses_without_calling(self) -> None:
        async def breaks(_: RawServer, __: Received, writer: asyncio.StreamWriter) -> None:
            writer.write(b"nonsense\r\n\r\n")

        async with raw_server(breaks) as server, client(server.url) as subgraphs:
            for number in range(10):
                with pytest.raises(SubgraphFailure):
                    await subgraphs.send(call(b"%d" % number, OperationKind.MUTATION))
            assert len(server.requests) == 5
            with pytest.raises(SubgraphFailure, match="try again shortly"):
                await subgraphs.send(call(b"more"))

    async def test_nobody_listening_is_unavailable(self) -> None:
        async with raw_server(ok) as server:
            pass
        async with client(server.url) as subgraphs:
            with pytest.raises(SubgraphFailure) as failure:
                await subgraphs.send(call())
        assert failure.value.code == "UNAVAILABLE"

    @pytest.mark.parametrize("warm", [False, True])
    async def test_the_deadline_ends_a_call_and_its_connection(self, warm: bool) -> None:
        async def silent(server: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
            if request.body == b"warm":
                await ok(server, request, writer)

        async with raw_server(silent) as server, client(server.url) as subgraphs:
            if warm:
                await subgraphs.send(call(b"warm"))
            with pytest.raises(SubgraphFailure) as failure:
                await subgraphs.send(call(seconds=0.05))
            assert failure.value.code == "TIMEOUT"
            await server.lost.wait()

    @pytest.mark.parametrize("headers", [(), ("transfer-encoding: chunked",)])
    async def test_a_reply_over_the_limit_is_refused(self, headers: tuple[str, ...]) -> None:
        async def huge(_: RawServer, __: Received, writer: asyncio.StreamWriter) -> None:
            body = b"x" * 2000
            writer.write(reply(b"7d0\r\n" + body if headers else body, *headers))

        async with raw_server(huge) as server, client(server.url, max_body=1000) as subgraphs:
            for _ in range(2):
                with pytest.raises(SubgraphFailure) as failure:
                    await subgraphs.send(call())
                assert failure.value.code == "SUBREQUEST_RESPONSE_TOO_LARGE"

    @pytest.mark.parametrize("warm", [False, True])
    async def test_a_header_with_a_line_break_is_never_sent(self, warm: bool) -> None:
        async with raw_server(ok) as server, client(server.url) as subgraphs:
            if warm:
                await subgraphs.send(call())
            person = Person(sent=(("x", "a\r\nevil: 1"),))
            with pytest.raises(SubgraphFailure) as failure:
                await subgraphs.send(call(caller=person))
            assert failure.value.code == "SUBREQUEST_HEADER_REFUSED"
            assert await subgraphs.send(call()) == SubgraphReply(200, b"got {}")
        assert all("evil" not in request.head for request in server.requests)


class TestSharing:
    async def _together(self, *calls: tuple[bytes, OperationKind, Person]) -> int:
        async with raw_server(ok) as server, client(server.url) as subgraphs:
            pending = [subgraphs.send(call(*one)) for one in calls]
            for one, (body, _, _) in zip(pending, calls, strict=True):
                assert (await one).body == b"got " + body
        return len(server.requests)

    async def test_equal_queries_of_one_caller_share_an_exchange(self) -> None:
        one = (b"q", OperationKind.QUERY, Person())
        assert await self._together(one, one, one) == 1

    async def test_another_caller_or_body_or_a_mutation_shares_nothing(self) -> None:
        query, change = OperationKind.QUERY, OperationKind.MUTATION
        assert await self._together((b"q", query, Person("ada")), (b"q", query, Person("bob"))) == 2
        assert await self._together((b"q", query, Person()), (b"p", query, Person())) == 2
        assert await self._together((b"m", change, Person()), (b"m", change, Person())) == 2

    async def test_a_query_after_a_mutation_shares_nothing_with_one_before_it(self) -> None:
        gate = asyncio.Event()

        async def slow_reads(_: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
            if request.body == b"q":
                await gate.wait()
            writer.write(reply(request.body))

        async with raw_server(slow_reads) as server, client(server.url) as subgraphs:
            before = subgraphs.send(call(b"q"))
            await subgraphs.send(call(b"m", OperationKind.MUTATION))
            after = subgraphs.send(call(b"q"))
            await server.has_received(3)
            gate.set()
            await asyncio.gather(before, after)
        assert [request.body for request in server.requests].count(b"q") == 2

    async def test_one_waiter_giving_up_leaves_the_others_their_reply(self) -> None:
        async with raw_server(ok) as server, client(server.url) as subgraphs:
            first, second = subgraphs.send(call()), subgraphs.send(call())
            first.cancel()
            assert (await second).status == 200
        assert len(server.requests) == 1

    @pytest.mark.parametrize("warm", [False, True])
    async def test_the_last_waiter_giving_up_closes_the_connection(self, warm: bool) -> None:
        async def silent(server: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
            if request.body == b"warm":
                await ok(server, request, writer)

        async with raw_server(silent) as server, client(server.url) as subgraphs:
            if warm:
                await subgraphs.send(call(b"warm"))
            first, second = subgraphs.send(call()), subgraphs.send(call())
            await server.has_received(1 + warm)
            first.cancel()
            second.cancel()
            await server.lost.wait()


class TestEndpoint:
    @pytest.mark.parametrize(
        "url", ["", "tasks", "ftp://x/", "http://", "http://x:port/", "http://x/a b", "http://x/\r\n"]
    )
    def test_an_unusable_url_is_refused(self, url: str) -> None:
        with pytest.raises(UnusableUrl):
            Endpoint.parse(url)

    def test_a_url_becomes_a_request_head(self) -> None:
        endpoint = Endpoint.parse("https://[::1]/a?b=c")
        assert (endpoint.host, endpoint.port, endpoint.secure) == ("::1", 443, True)
        assert endpoint.head.startswith(b"POST /a?b=c HTTP/1.1\r\nhost: [::1]\r\n")
