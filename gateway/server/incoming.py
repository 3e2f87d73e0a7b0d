"""Reads a GraphQL request out of an HTTP request: the body within bounds, the parameters by type."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive


class HttpRefused(Exception):
    """The request is refused with this HTTP status before it is GraphQL."""

    def __init__(self, status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


class ClientLeft(Exception):
    """The client closed the connection before its request was complete."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a GraphQL request, checked by type."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


def fingerprint(parameters: Parameters) -> str:
    """What tells this request from another one, whatever the order of its variables, in hexadecimal."""
    asked = [parameters.query, parameters.operation_name, parameters.variables]
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises HttpRefused 413 and ClientLeft."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise _too_large()
        return body
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientLeft
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large()
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def _too_large() -> HttpRefused:
    return HttpRefused(413, "REQUEST_TOO_LARGE", "The request is too large.")


def check_content_type(content_type: str | None) -> None:
    """A POST must be JSON: browsers send that across origins only after asking, so no other site can forge it.

    Raises HttpRefused 415.
    """
    name, _, parameters = (content_type or "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if name.strip().lower() != "application/json" or (charset and charset not in ("charset=utf-8", "charset=utf8")):
        raise HttpRefused(415, "UNSUPPORTED_CONTENT_TYPE", "Send the request as application/json in UTF-8.")


def parse_body(body: bytes) -> Parameters:
    """Raises HttpRefused 400."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _bad("The body is not JSON.") from None
    if isinstance(content, list):
        raise _bad("Batching is not enabled: send one operation at a time.")
    if not isinstance(content, dict):
        raise _bad("The body is not a JSON object.")
    return _parameters(content)


def parse_query_string(query_string: bytes) -> Parameters:
    """Raises HttpRefused 400."""
    try:
        values = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise _bad("The query string is malformed.") from None
    content: dict[str, Any] = {name: given[0] for name, given in values.items()}
    for name in ("variables", "extensions"):
        if content.get(name):
            try:
                content[name] = orjson.loads(content[name])
            except orjson.JSONDecodeError:
                raise _bad(f"`{name}` is not JSON.") from None
        else:
            content.pop(name, None)
    if content.get("operationName") == "":
        del content["operationName"]
    return _parameters(content)


def _parameters(content: dict[str, Any]) -> Parameters:
    query = content.get("query")
    if not isinstance(query, str):
        raise _bad("`query` is missing or not a string.")
    name = content.get("operationName")
    if name is not None and not isinstance(name, str):
        raise _bad("`operationName` must be a string or null.")
    return Parameters(query, name, _object(content, "variables"), _object(content, "extensions"))


def _object(content: dict[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad(f"`{name}` must be an object or null.")
    return value


def _bad(message: str) -> HttpRefused:
    return HttpRefused(400, "BAD_REQUEST", message)
