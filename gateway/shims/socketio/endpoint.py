"""The ASGI application at `/socket.io`: who connects, joins `user_{id}` and is told what their subscription says.

Invariant: `unread_sync` comes after the subscription listens, so nothing falls between the two; a client that sees a
notification in both knows it by its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import orjson
import socketio
from starlette.types import Receive, Scope, Send

from gateway.executor.ports import Caller
from gateway.server.incoming import Parameters
from gateway.server.operations import Operations
from gateway.server.ports import Identity
from kit.errors import DomainError
from kit.resilience import backoff
from kit.telemetry import logger

PREFIX = "/socket.io"

_NOTIFICATION = "id category title body createdAt readAt version"
_RECEIVED = f"""subscription ($after: ID) {{
  notificationReceived(after: $after) {{ eventId unreadCount notification {{ {_NOTIFICATION} }} }}
}}"""
_PENDING = f"""{{ me {{
  unreadCount
  notifications(first: 50, unreadOnly: true) {{ nodes {{ {_NOTIFICATION} }} pageInfo {{ hasNextPage }} }}
}} }}"""
# An event that nobody knows: the stream begins by saying so, and from then on it surely listens.
_NOTHING_YET = "nothing-yet"
_GAP = "EVENTS_LOST"
_OVER = frozenset({"UNAUTHENTICATED", "SESSION_ENDED", "TOKEN_INVALID", "TOKEN_EXPIRED"})
_LARGEST_MESSAGE = 16 * 1024
_LONGEST_PAUSE = 5.0

_log = logger("socketio")


class SocketIoShim:
    """The server of one gateway process. `user_of` is the id of a caller who is somebody."""

    def __init__(
        self,
        operations: Operations,
        identity: Identity,
        user_of: Callable[[Caller], str | None],
        allowed_origins: Sequence[str] = (),
    ) -> None:
        self._operations = operations
        self._identity = identity
        self._user_of = user_of
        self._tasks: dict[str, set[asyncio.Task[None]]] = {}
        self._callers: dict[str, Caller] = {}
        self._server = socketio.AsyncServer(
            async_mode="asgi",
            cors_allowed_origins=list(allowed_origins) or None,  # None: the gateway's own origin
            max_http_buffer_size=_LARGEST_MESSAGE,
        )
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("unread_sync", self._synchronise)
        self._app = socketio.ASGIApp(self._server)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def aclose(self) -> None:
        """Ends what runs for sockets; clients that are still there connect again elsewhere."""
        for sid in list(self._tasks):
            await self._end(sid)

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        """Raises what python-socketio turns into a `connect_error` whose data name the code."""
        scope = environ["asgi.scope"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client")
        try:
            caller = await self._identity.of_socket(headers, _credentials(auth), str(client[0]) if client else None)
        except DomainError as error:
            raise _refused(error.code, error.message) from error
        user = self._user_of(caller)
        if user is None:
            raise _refused("UNAUTHENTICATED", "Connect with `auth: {token}`.")
        self._callers[sid] = caller
        await self._server.enter_room(sid, f"user_{user}")
        self._spawn(sid, self._follow(sid, caller))
        self._spawn(sid, self._leave_with_session(sid, caller))

    async def _disconnect(self, sid: str, *_: object) -> None:
        await self._end(sid)

    async def _synchronise(self, sid: str, *_: object) -> None:
        """A client asks what is pending."""
        caller = self._callers.get(sid)
        if caller is not None:
            await self._sync(sid, caller)

    async def _follow(self, sid: str, caller: Caller) -> None:
        """Until the caller may listen no longer: goes on behind the last event when a stream ends."""
        last, failures = _NOTHING_YET, 0
        while True:
            parameters = Parameters(_RECEIVED, variables={"after": last})
            async for answer in self._operations.stream(parameters, caller):
                content = orjson.loads(answer.encode())
                code = _code(content)
                if code in _OVER:
                    await self._server.disconnect(sid)
                    return
                if code == _GAP:
                    await self._sync(sid, caller)
                elif code is None:
                    failures = 0
                    event = content["data"]["notificationReceived"]
                    last = event["eventId"]
                    await self._server.emit("notification_received", event, to=sid)
            failures += 1
            await asyncio.sleep(backoff(failures, longest=_LONGEST_PAUSE))

    async def _sync(self, sid: str, caller: Caller) -> None:
        answer = await self._operations.execute(Parameters(_PENDING), caller, read_only=True)
        content = orjson.loads(answer.encode())
        me = (content.get("data") or {}).get("me")
        if content.get("errors") or me is None:
            # The client asks again, or is told with the next event; it must not take this for an empty inbox.
            await self._server.emit("unread_sync", {"error": _code(content) or "UNAVAILABLE"}, to=sid)
            return
        page = me["notifications"]
        pending = {
            "unreadCount": me["unreadCount"],
            "notifications": page["nodes"],
            "more": page["pageInfo"]["hasNextPage"],
        }
        await self._server.emit("unread_sync", pending, to=sid)

    async def _leave_with_session(self, sid: str, caller: Caller) -> None:
        await self._identity.ended(caller)
        await self._server.disconnect(sid)

    def _spawn(self, sid: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.setdefault(sid, set()).add(task)
        task.add_done_callback(_look)

    async def _end(self, sid: str) -> None:
        self._callers.pop(sid, None)
        for task in self._tasks.pop(sid, set()):
            if task is not asyncio.current_task():
                task.cancel()


def _credentials(auth: object) -> Mapping[str, object]:
    """The payload of a handshake as the identity reads it: `{token}` or `{authorization}`."""
    if not isinstance(auth, dict):
        return {}
    token = auth.get("token")
    return {"authorization": f"Bearer {token}"} if isinstance(token, str) else auth


def _code(content: Mapping[str, Any]) -> str | None:
    errors = content.get("errors")
    return str(errors[0].get("extensions", {}).get("code", "INTERNAL")) if errors else None


def _refused(code: str, message: str) -> socketio.exceptions.ConnectionRefusedError:
    return socketio.exceptions.ConnectionRefusedError(message, {"code": code})


def _look(task: asyncio.Task[None]) -> None:
    """A fault of ours ends the pushes of one socket, and is said."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a socket is no longer served", exc_info=error)
