"""The link that ends mails: mail programs POST to it (RFC 8058), people see a page that asks and then POSTs.

Opening the link changes nothing, because scanners open every link of a mail; the answer never shows whose it is.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from gateway.executor.ports import Caller
from gateway.server.incoming import ClientLeft, HttpRefused, Parameters, read_body
from gateway.server.operations import Operations

PREFIX = "/unsubscribe"

_MUTATION = "mutation ($token: String!) { notificationUnsubscribe(input: {token: $token}) { kind } }"
_LONGEST_BODY = 4096
_LONGEST_TOKEN = 500
_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>TaskFlow</title></head>
<body style="margin:0;padding:48px 24px;background:#f5f6f8;color:#1d2433;font:16px/1.5 system-ui,sans-serif">
<main style="max-width:480px;margin:auto;padding:32px;background:#fff;border-radius:8px">{content}</main>
</body>
</html>
"""
_ASK = """<h1>No more mails of this kind?</h1><p>Everything still stands in your inbox.</p>
<form method="post" action="/unsubscribe?token={token}"><button>Unsubscribe</button></form>"""
_DONE = "<h1>Done</h1><p>You get no more mails of this kind. Your preferences turn them on again.</p>"
_WRONG = "<h1>This link does not work</h1><p>It is not complete. Your preferences say what is mailed to you.</p>"
_LATER = "<h1>This did not work</h1><p>Please try again in a moment.</p>"


class Unsubscribe:
    """The ASGI application at `/unsubscribe`. It asks as `stranger`: the token alone decides."""

    def __init__(self, operations: Operations, stranger: Caller) -> None:
        self._operations = operations
        self._stranger = stranger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        token = _token(scope)
        if scope["path"] != PREFIX:
            await _page(send, 404, _WRONG)
        elif scope["method"] == "POST":
            await self._end(token, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await _page(send, 200 if token else 400, _ASK.format(token=escape(token, quote=True)) if token else _WRONG)
        else:
            await _page(send, 405, _WRONG, [(b"allow", b"GET, HEAD, POST")])

    async def _end(self, token: str, receive: Receive, send: Send) -> None:
        try:
            await read_body(receive, _LONGEST_BODY)  # says nothing that the link does not
        except HttpRefused as refusal:
            await _page(send, refusal.status, _WRONG)
            return
        except ClientLeft:
            return
        answer = await self._operations.execute(Parameters(_MUTATION, variables={"token": token}), self._stranger)
        if not answer.errors:
            await _page(send, 200, _DONE)
        elif answer.errors[0].get("extensions", {}).get("code") == "TOKEN_INVALID":
            await _page(send, 400, _WRONG)
        else:
            await _page(send, 503, _LATER)


def _token(scope: Scope) -> str:
    """Empty when there is none that could be one of ours: they are base64url."""
    found = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20).get("token", [""])[0]
    fits = len(found) <= _LONGEST_TOKEN and found.isascii() and found.replace("-", "").replace("_", "").isalnum()
    return found if fits else ""


async def _page(send: Send, status: int, content: str, more: list[tuple[bytes, bytes]] | None = None) -> None:
    body = _PAGE.format(content=content).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", _POLICY),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
        *(more or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
