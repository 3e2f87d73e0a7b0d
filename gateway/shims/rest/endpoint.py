"""The ASGI application at `/api/v1`: finds the route, runs its operation as the caller, tells the result in HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import orjson
from opentelemetry.trace import SpanKind
from starlette.types import Receive, Scope, Send

from gateway.server.incoming import (
    ClientLeft,
    HttpRefused,
    Parameters,
    check_content_type,
    fingerprint,
    read_body,
)
from gateway.server.operations import Operations
from gateway.server.ports import Identity
from gateway.shims.rest.binding import Bound, bound, parse_object
from gateway.shims.rest.openapi import openapi
from gateway.shims.rest.page import send_page
from gateway.shims.rest.problems import MEDIA_TYPE, problem, problem_of, problem_of_refusal
from gateway.shims.rest.routes import ROUTES, Route
from kit.errors import DomainError
from kit.idempotency import FINGERPRINT_HEADER, KEY_HEADER
from kit.telemetry import span

PREFIX = "/api/v1"
_LARGEST_BODY = 2 * 1024 * 1024
_JSON = "application/json"

Headers = list[tuple[str, str]]


class RestShim:
    """Every route, its description at `/openapi.json` and a page for people at `/docs`."""

    def __init__(self, operations: Operations, identity: Identity, routes: Iterable[Route] = ROUTES) -> None:
        self._operations = operations
        self._identity = identity
        # A fixed segment goes before a variable one: /notifications/unread-count is nobody's id.
        self._routes = sorted((bound(route) for route in routes), key=lambda each: each.route.path.count("{"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            with span("rest request", parent=headers.get("traceparent"), kind=SpanKind.SERVER):
                await self._serve(scope, headers, receive, send)
        except ClientLeft:
            return
        except HttpRefused as refusal:
            await _problem(send, problem_of_refusal(refusal), refusal.headers)
        except DomainError as error:
            said = {"message": error.message, "extensions": {"code": error.code, "kind": error.kind.value}}
            await _problem(send, problem_of(said, conditional=False))

    async def _serve(self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(PREFIX)
        if scope["method"] == "GET" and path in ("/openapi.json", "/docs"):
            await self._describe(path, send)
            return
        segments = tuple(path[1:].split("/"))
        chosen = self._choose(scope["method"], segments)
        body = await self._body(chosen, headers, receive)
        variables = chosen.variables_of(segments, scope["query_string"], body, headers.get("if-match"))
        parameters = Parameters(chosen.route.operation, variables=variables)
        if KEY_HEADER in headers:
            headers = {**headers, FINGERPRINT_HEADER: fingerprint(parameters)}
        if not chosen.route.public and "authorization" not in headers:
            raise DomainError.of("UNAUTHENTICATED", "Send an access token as `Authorization: Bearer TOKEN`.")
        client = scope.get("client")
        caller = await self._identity.of_request(headers, str(client[0]) if client else None)
        answer = await self._operations.execute(parameters, caller, read_only=chosen.route.method == "GET")
        if answer.errors:
            await _problem(send, problem_of(answer.errors[0], conditional="if-match" in headers))
            return
        await _resource(send, chosen, variables, headers, orjson.loads(answer.encode())["data"])

    def _choose(self, method: str, segments: tuple[str, ...]) -> Bound:
        """The route of a request. Raises HttpRefused 404 and 405."""
        fitting = [each for each in self._routes if each.matches(segments)]
        for each in fitting:
            if each.route.method == method:
                return each
        if not fitting:
            raise HttpRefused(404, "NOT_FOUND", "There is nothing at this path.")
        allowed = ", ".join(sorted({each.route.method for each in fitting}))
        raise HttpRefused(405, "METHOD_NOT_ALLOWED", f"Use {allowed}.", (("allow", allowed),))

    async def _body(self, chosen: Bound, headers: Mapping[str, str], receive: Receive) -> Mapping[str, Any]:
        if not chosen.has_body:
            return {}
        content = await read_body(receive, _LARGEST_BODY)
        if content:
            check_content_type(headers.get("content-type"))
        return parse_object(content)

    async def _describe(self, path: str, send: Send) -> None:
        try:
            description = openapi(self._operations.schema(), [each.route for each in self._routes])
        except LookupError:
            raise DomainError.of("UNAVAILABLE", "The graph is not loaded yet; try again shortly.") from None
        if path == "/docs":
            await send_page(send, description)
        else:
            await _respond(send, 200, _JSON, description, [])


async def _resource(
    send: Send, chosen: Bound, variables: Mapping[str, Any], asked: Mapping[str, str], data: Any
) -> None:
    """Answers with what the route's `result` leads to; 404 when there is nothing."""
    route = chosen.route
    for name in route.result:
        data = data[name] if data is not None else None
    if data is None:
        await _problem(send, problem(404, "NOT_FOUND", "It does not exist, or you may not know that it does."))
        return
    headers: Headers = []
    if route.location is not None:
        headers.append(("location", PREFIX + route.location.replace("{id}", data["id"])))
    if route.paged:
        data, link = _page(chosen, variables, data)
        headers += link
    if route.versioned:
        tag = _tag(data)
        headers.append(("etag", tag))
        if route.method == "GET" and tag in [each.strip() for each in asked.get("if-none-match", "").split(",")]:
            await _respond(send, 304, None, None, headers)
            return
    await _respond(send, route.status, _JSON, data, headers)


def _page(chosen: Bound, variables: Mapping[str, Any], connection: Any) -> tuple[dict[str, Any], Headers]:
    """A connection as a page with the cursor of the next one, and the link that leads there (RFC 8288)."""
    info = connection["pageInfo"]
    following = info["endCursor"] if info["hasNextPage"] else None
    page = {"items": connection["nodes"], "next": following}
    if following is None:
        return page, []
    path = PREFIX + chosen.route.path
    for name, value in variables.items():
        path = path.replace(f"{{{name}}}", str(value))
    query = {name: variables[name] for name in chosen.query if name in variables} | {"after": following}
    spelled = urlencode({key: _spelled(value) for key, value in query.items()})
    return page, [("link", f'<{path}?{spelled}>; rel="next"')]


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tag(resource: Mapping[str, Any]) -> str:
    """An ETag of all that is shown, which also tells the version that a write may expect."""
    digest = sha256(orjson.dumps(resource)).hexdigest()[:16]
    return f'"v{resource["version"]}-{digest}"'


async def _problem(send: Send, document: Mapping[str, Any], headers: Sequence[tuple[str, str]] = ()) -> None:
    more: Headers = list(headers)
    if document["status"] == 401:
        more.append(("www-authenticate", "Bearer"))
    retry = document.get("fields", {}).get("retryAfter") if document["status"] == 429 else None
    if retry is not None:
        more.append(("retry-after", str(retry)))
    await _respond(send, document["status"], MEDIA_TYPE, document, more)


async def _respond(send: Send, status: int, media: str | None, content: Any, headers: Headers) -> None:
    body = orjson.dumps(content) if media is not None else b""
    sent = [*headers, ("cache-control", "no-store" if media == MEDIA_TYPE else "private, no-cache")]
    if media is not None:
        sent += [("content-type", media), ("content-length", str(len(body)))]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
