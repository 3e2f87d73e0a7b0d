"""graphql-transport-ws from a socket's point of view, message by message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.executor.ports import Caller
from gateway.pipeline.ports import ErrorEvent, ReplyEvent, ValueEvent
from gateway.server.ports import ForwardingIdentity
from kit.errors import DomainError
from kit.health import Health
from kit.serving import HttpOptions, HttpServer
from tests.unit.gateway.server.served import Served, engine, serve

TICKS = {"query": "subscription { ticks(to: 3) { id number } }"}


@asynccontextmanager
async def listening(served: Served) -> AsyncIterator[str]:
    server = HttpServer(Health(), "127.0.0.1", 0, HttpOptions(finish_seconds=1))
    async with server.opened():
        server.mount(served.app)
        yield server.url.replace("http", "ws") + "/graphql"


@asynccontextmanager
async def socket(served: Served, **options: Any) -> AsyncIterator[ClientConnection]:
    """An open connection; nothing was said yet."""
    async with (
        listening(served) as url,
        connect(url, subprotocols=["graphql-transport-ws"], proxy=None, **options) as connection,  # type: ignore[list-item]
    ):
        yield connection


@asynccontextmanager
async def acknowledged(served: Served, payload: Any = None) -> AsyncIterator[ClientConnection]:
    async with socket(served) as connection:
        await say(connection, type="connection_init", **({} if payload is None else {"payload": payload}))
        assert await hear(connection) == {"type": "connection_ack"}
        yield connection


async def say(connection: ClientConnection, **message: Any) -> None:
    await connection.send(orjson.dumps(message).decode())


async def hear(connection: ClientConnection) -> Any:
    text = await connection.recv()
    assert isinstance(text, str)
    return orjson.loads(text)


async def close_code(connection: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async for _ in connection:
            pass
    return connection.close_code


class TestHandshake:
    async def test_an_init_is_acknowledged(self) -> None:
        async with acknowledged(serve()):
            pass

    async def test_silence_ends_with_4408(self) -> None:
        served = serve(view={"init_timeout": timedelta(milliseconds=50)})
        async with socket(served) as connection:
            assert await close_code(connection) == 4408

    async def test_a_second_init_ends_with_4429(self) -> None:
        async with acknowledged(serve()) as connection:
            await say(connection, type="connection_init")
            assert await close_code(connection) == 4429

    async def test_subscribing_first_ends_with_4401(self) -> None:
        async with socket(serve()) as connection:
            await say(connection, id="1", type="subscribe", payload={"query": "{ hello }"})
            assert await close_code(connection) == 4401

    @pytest.mark.parametrize("offered", [["graphql-ws"], None])
    async def test_other_protocols_are_not_spoken(self, offered: Any) -> None:
        async with (
            listening(serve()) as url,
            connect(url, subprotocols=offered, proxy=None) as connection,
        ):
            assert connection.subprotocol is None
            assert await close_code(connection) == 4406

    async def test_a_page_of_another_site_is_refused(self) -> None:
        async with listening(serve()) as url:
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, origin="https://evil.example", proxy=None)  # type: ignore[arg-type]
        assert refused.value.response.status_code == 403

    async def test_a_refused_caller_ends_with_4403(self) -> None:
        async with socket(serve(identity=Doorkeeper())) as connection:
            await say(connection, type="connection_init", payload={"authorization": "no"})
            assert await close_code(connection) == 4403


class Doorkeeper(ForwardingIdentity):
    """Lets those in who say yes, until the party is over."""

    def __init__(self) -> None:
        super().__init__()
        self.over = asyncio.Event()

    async def of_socket(self, headers: Mapping[str, str], payload: Mapping[str, object], address: str | None) -> Caller:
        if payload.get("authorization") != "yes" or self.over.is_set():
            raise DomainError.of("SESSION_ENDED", "The party is over.")
        return await super().of_socket(headers, payload, address)

    async def ended(self, caller: Caller) -> str:
        await self.over.wait()
        return "SESSION_ENDED"


class TestMessages:
    @pytest.mark.parametrize("payload", [None, {"a": 1}])
    async def test_a_ping_gets_its_payload_back(self, payload: Any) -> None:
        async with acknowledged(serve()) as connection:
            await say(connection, type="ping", payload=payload)
            answer = await hear(connection)
            assert answer["type"] == "pong"
            assert answer.get("payload") == payload

    @pytest.mark.parametrize(
        "text",
        [
            "nonsense",
            "[]",
            "1",
            "{}",
            '{"type":1}',
            '{"type":"unknown"}',
            '{"type":"subscribe"}',
            '{"type":"subscribe","id":""}',
            '{"type":"subscribe","id":"1"}',
            '{"type":"subscribe","id":"1","payload":{}}',
            '{"type":"subscribe","id":1,"payload":{"query":"{hello}"}}',
            '{"type":"subscribe","id":"1","payload":{"query":1}}',
            '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":[]}}',
            '{"type":"subscribe","id":"1","payload":{"query":"{hello}","operationName":1}}',
            '{"type":"complete"}',
            '{"type":"ping","payload":1}',
            b"\x00\x01",
        ],
    )
    async def test_what_is_no_message_ends_with_4400(self, text: str | bytes) -> None:
        async with acknowledged(serve()) as connection:
            await connection.send(text)
            assert await close_code(connection) == 4400

    async def test_an_init_payload_that_is_no_object_ends_with_4400(self) -> None:
        async with socket(serve()) as connection:
            await say(connection, type="connection_init", payload=1)
            assert await close_code(connection) == 4400

    async def test_an_id_in_use_ends_with_4409(self) -> None:
        async with acknowledged(serve()) as connection:
            for _ in range(2):
                await say(connection, id="1", type="subscribe", payload=TICKS)
            assert await close_code(connection) == 4409

    async def test_completing_an_unknown_id_is_ignored(self) -> None:
        async with acknowledged(serve()) as connection:
            await say(connection, id="nobody", type="complete")
            await say(connection, type="ping")
            assert await hear(connection) == {"type": "pong"}


class TestOperations:
    async def test_a_query_gets_one_next_and_a_complete(self) -> None:
        async with acknowledged(serve()) as connection:
            await say(connection, id="q", type="subscribe", payload={"query": "{ hello }"})
            assert await hear(connection) == {"id": "q", "type": "next", "payload": {"data": {"hello": "hello you"}}}
            assert await hear(connection) == {"id": "q", "type": "complete"}
            await say(connection, id="q", type="subscribe", payload={"query": 'mutation { shout(text: "a") }'})
            assert (await hear(connection))["payload"] == {"data": {"shout": "A"}}

    @pytest.mark.parametrize("query", ["{", "{ nothing }", "", "subscription { ticks { id } }"])
    async def test_a_refused_operation_gets_an_error_and_nothing_after_it(self, query: str) -> None:
        async with acknowledged(serve()) as connection:
            await say(connection, id="q", type="subscribe", payload={"query": query})
            message = await hear(connection)
            assert (message["id"], message["type"]) == ("q", "error")
            assert message["payload"][0]["extensions"]["code"]
            await say(connection, type="ping")
            assert await hear(connection) == {"type": "pong"}

    async def test_too_many_operations_are_refused_one_by_one(self) -> None:
        async with acknowledged(serve(view={"operations_per_socket": 1})) as connection:
            await say(connection, id="1", type="subscribe", payload=TICKS)
            await say(connection, id="2", type="subscribe", payload=TICKS)
            message = await hear(connection)
            assert (message["id"], message["type"]) == ("2", "error")


class TestSubscriptions:
    async def test_each_event_is_a_next_and_the_end_a_complete(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            await served.ticks.opened.wait()
            for number in (1, 2):
                served.ticks.queue.put_nowait(ValueEvent(value={"id": str(number), "number": number}))
            served.ticks.queue.put_nowait(None)
            for number in (1, 2):
                data = {"ticks": {"id": str(number), "number": number}}
                assert await hear(connection) == {"id": "t", "type": "next", "payload": {"data": data}}
            assert await hear(connection) == {"id": "t", "type": "complete"}
        request = served.ticks.requests[0]
        assert (request.field, request.arguments) == ("ticks", {"to": 3})

    async def test_what_an_event_lacks_is_fetched(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            query = 'subscription { ticks(to: 3) { id n: number label(of: "x") } }'
            await say(connection, id="t", type="subscribe", payload={"query": query})
            served.ticks.queue.put_nowait(ValueEvent(value={"id": "4"}))
            message = await hear(connection)
        assert message["payload"] == {"data": {"ticks": {"id": "4", "n": None, "label": "full"}}}

    async def test_an_event_of_one_id_is_answered_once_for_all_who_asked_the_same(self) -> None:
        served = serve()
        aliased = {"query": "subscription { ticks(to: 3) { id n: number } }"}
        async with acknowledged(served) as connection:
            # The sources share a queue: each event goes to one subscriber, the second value would tell.
            for name, payload in (("a", TICKS), ("b", TICKS), ("c", aliased)):
                await say(connection, id=name, type="subscribe", payload=payload)
                served.ticks.opened.clear()
                await served.ticks.opened.wait()
            for number in (1, 2, 3):
                served.ticks.queue.put_nowait(ValueEvent(value={"id": "1", "number": number}, id="event"))
            heard = {
                message["id"]: message["payload"]["data"]["ticks"]
                for message in [await hear(connection) for _ in "abc"]
            }
        assert heard["a"] == heard["b"] == {"id": "1", "number": 1}
        assert heard["c"]["n"] == 3

    async def test_an_event_that_was_completed_is_completed_for_each(self) -> None:
        served = serve()
        query = 'subscription { ticks(to: 3) { id label(of: "x") } }'
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload={"query": query})
            for _ in range(2):
                served.ticks.queue.put_nowait(ValueEvent(value={"id": "4"}, id="event"))
                await hear(connection)
        assert len(served.client.calls) == 2

    async def test_a_reply_of_a_subgraph_is_projected_with_its_errors(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            broken = {"message": "half", "path": ["ticks", "number"]}
            served.ticks.queue.put_nowait(ReplyEvent(data={"ticks": {"id": "1", "number": None}}, errors=(broken,)))
            message = await hear(connection)
        assert message["payload"]["data"] == {"ticks": {"id": "1", "number": None}}
        assert message["payload"]["errors"][0]["path"] == ["ticks", "number"]

    async def test_a_warning_does_not_end_the_stream(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            served.ticks.queue.put_nowait(ErrorEvent(code="EVENTS_LOST", message="Read afresh."))
            served.ticks.queue.put_nowait(ValueEvent(value={"id": "1", "number": 1}))
            message = await hear(connection)
            assert message["payload"]["errors"][0]["extensions"]["code"] == "EVENTS_LOST"
            assert (await hear(connection))["payload"]["data"]["ticks"]["id"] == "1"

    async def test_losing_access_ends_with_an_error(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            served.ticks.queue.put_nowait(DomainError.of("SESSION_ENDED", "Over."))
            message = await hear(connection)
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "SESSION_ENDED")

    async def test_a_fault_of_the_source_is_masked(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            served.ticks.queue.put_nowait(RuntimeError("secret"))
            message = await hear(connection)
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL")
        assert "secret" not in str(message)

    async def test_a_complete_of_the_client_closes_the_source(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            await served.ticks.opened.wait()
            await say(connection, id="t", type="complete")
            await served.ticks.closed.wait()

    async def test_a_client_that_leaves_closes_the_source(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            await served.ticks.opened.wait()
            await connection.close()
            await served.ticks.closed.wait()

    async def test_a_new_schema_ends_it_with_a_code_and_the_old_engine_is_then_closed(self) -> None:
        served = serve()
        async with acknowledged(served) as connection:
            await say(connection, id="t", type="subscribe", payload=TICKS)
            await served.ticks.opened.wait()

            async def close() -> None:
                served.closed.append("second")

            served.generations.swap(engine(served.client, served.ticks), close)
            message = await hear(connection)
            assert message["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_SCHEMA_RELOAD"
            await served.ticks.closed.wait()
            await served.generations.aclose()
        assert sorted(served.closed) == ["first", "second"]


class TestCallers:
    async def test_the_end_of_the_caller_ends_the_socket(self) -> None:
        identity = Doorkeeper()
        async with acknowledged(serve(identity=identity), {"authorization": "yes"}) as connection:
            identity.over.set()
            assert await close_code(connection) == 4403

    async def test_headers_of_the_init_payload_reach_the_subgraph(self) -> None:
        seen: list[Any] = []

        def script(call: Any, body: Any) -> Any:
            seen.append(call.caller.headers("one"))
            return {"data": {"hello": "x"}}

        async with acknowledged(serve(script=script), {"Authorization": "Bearer t"}) as connection:
            await say(connection, id="q", type="subscribe", payload={"query": "{ hello }"})
            await hear(connection)
        assert seen == [(("authorization", "Bearer t"),)]
