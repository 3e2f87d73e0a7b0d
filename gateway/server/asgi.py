"""The ASGI application: the GraphQL endpoint, `/health`, and the files of the page that browsers get."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/graphql"
HEALTH = "/health"


class Gateway:
    """Routes by path; `others` are further applications by path prefix."""

    def __init__(self, graphql: ASGIApp, others: Mapping[str, ASGIApp] | None = None) -> None:
        self._graphql = graphql
        self._others = dict(others or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        path = scope["path"]
        if path == PATH or path == PATH + "/":
            await self._graphql(scope, receive, send)
            return
        for prefix, app in self._others.items():
            if path.startswith(prefix):
                await app(scope, receive, send)
                return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif path == HEALTH:
            await _text(send, 200, b"ok")
        else:
            await _text(send, 404, b"not found")


async def _text(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
