"""graphql-transport-ws: Strawberry's handler, made strict about messages, with answers encoded once as text.

Every operation asks the identity anew, so a token that has run out or a session that has ended stops the next one.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Any, cast

import orjson
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message, PingMessage

from gateway.pipeline.answer import Answer
from gateway.server.incoming import Parameters
from gateway.server.operations import internal, refused_by
from gateway.server.socket_context import SocketContext
from kit.errors import DomainError

MAX_ID = 128
FORBIDDEN = 4403


class TextAdapter(ASGIWebSocketAdapter):
    """Sends text frames only: browsers' clients expect no others."""

    async def send_json(self, message: Any) -> None:
        await self.send_text(orjson.dumps(message).decode())

    async def send_text(self, text: str) -> None:
        try:
            await self.ws.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error


class TransportHandler(BaseGraphQLTransportWSHandler[SocketContext, None]):
    """One socket."""

    async def handle_message(self, message: Message) -> None:
        complaint = complaint_about(message)
        if complaint is not None:
            await self.handle_invalid_message(complaint)
        else:
            await super().handle_message(message)

    async def handle(self) -> None:
        """Serves the socket until the client leaves or its caller may no longer be connected."""
        ending = asyncio.get_running_loop().create_task(self._end_with_caller())
        try:
            await super().handle()
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

    async def _end_with_caller(self) -> None:
        reason = await self.context.ended()
        with suppress(WebSocketDisconnected, RuntimeError):
            await self.websocket.close(code=FORBIDDEN, reason=reason)

    async def handle_ping(self, message: PingMessage) -> None:
        payload = cast("dict[str, Any]", message).get("payload")
        pong = {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
        await self.websocket.send_json(pong)

    async def run_operation(self, operation: Operation[SocketContext, None]) -> None:
        try:
            await self._run(operation)
        except WebSocketDisconnected:
            return
        except asyncio.CancelledError:
            raise
        except Exception as error:
            await self._send_last(operation, internal(error))

    async def _run(self, operation: Operation[SocketContext, None]) -> None:
        context = self.context
        try:
            caller = await context.caller()
        except DomainError as error:
            await self._send_last(operation, refused_by(error))
            return
        variables = cast("dict[str, Any]", operation.variables or {})
        parameters = Parameters(operation.query, operation.operation_name, variables)
        answers = context.operations.stream(parameters, caller, in_parts=True)
        async with aclosing(answers):
            async for answer in answers:
                if not answer.executed:
                    await self._send_last(operation, answer)
                    return
                await self._send_next(operation, answer)
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _send_next(self, operation: Operation[SocketContext, None], answer: Answer) -> None:
        if operation.completed:
            return
        head = b'{"id":' + orjson.dumps(operation.id) + b',"type":"next","payload":'
        await cast("TextAdapter", self.websocket).send_text((head + answer.encode() + b"}").decode())

    async def _send_last(self, operation: Operation[SocketContext, None], answer: Answer) -> None:
        message = {"id": operation.id, "type": "error", "payload": answer.errors}
        await operation.send_operation_message(cast("Message", message))


def complaint_about(message: Any) -> str | None:
    """What is wrong with a message's shape; None when nothing is."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "Message must be an object with a type"
    kind = message["type"]
    if kind in ("subscribe", "complete"):
        identity = message.get("id")
        if not isinstance(identity, str) or not 0 < len(identity) <= MAX_ID:
            return "Message needs an id"
    if kind == "subscribe":
        return _complaint_about_payload(message.get("payload"))
    if kind in ("ping", "pong", "connection_init") and not isinstance(message.get("payload"), dict | None):
        return "Payload must be an object"
    return None


def _complaint_about_payload(payload: Any) -> str | None:
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "Subscribe needs a payload with a query"
    if not isinstance(payload.get("variables"), dict | None):
        return "Variables must be an object"
    if not isinstance(payload.get("operationName"), str | None):
        return "Operation name must be a string"
    return None
