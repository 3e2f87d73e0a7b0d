"""One exchange with a subgraph: encodes the request's body, decodes the reply and judges its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.executor.errors import HTTP_ERROR, MALFORMED_RESPONSE, ErrorDict, gateway_error
from gateway.executor.ports import SubgraphFailure, SubgraphReply
from gateway.planner.nodes import Fetch

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A reply's data (None: nothing usable), the subgraph's raw errors and the gateway's own complaint, if any."""

    data: JsonObject | None
    errors: tuple[Any, ...] = ()
    complaint: ErrorDict | None = None


def body_prefix(fetch: Fetch) -> bytes:
    """The constant part of the request: everything up to the variables' value."""
    prefix = b'{"query":' + orjson.dumps(fetch.document)
    if fetch.operation_name is not None:
        prefix += b',"operationName":' + orjson.dumps(fetch.operation_name)
    return prefix


def encode_body(prefix: bytes, variables: Mapping[str, Any]) -> bytes:
    return prefix + b',"variables":' + orjson.dumps(variables) + b"}" if variables else prefix + b"}"


def failed(service: str, failure: SubgraphFailure) -> Decoded:
    """What a fetch without a reply leaves."""
    return Decoded(None, (), gateway_error(failure.code, failure.message, service=service))


def decode(service: str, reply: SubgraphReply) -> Decoded:
    """The reply's parts. A body that is no GraphQL response, or a status that is not 2xx, is an error of its own."""
    try:
        content = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        content = None
    if not 200 <= reply.status < 300:
        return _bad_status(service, reply.status, content)
    if not isinstance(content, dict):
        return _malformed(service, "the body is not a JSON object")
    data, errors = content.get("data"), content.get("errors")
    if errors is not None and not isinstance(errors, list):
        return _malformed(service, "`errors` is not a list")
    if data is not None and not isinstance(data, dict):
        return _malformed(service, "`data` is not an object")
    if data is None and not errors:
        return _malformed(service, "neither data nor errors")
    return Decoded(data, tuple(errors or ()))


def _bad_status(service: str, status: int, content: Any) -> Decoded:
    errors = content.get("errors") if isinstance(content, dict) else None
    if isinstance(errors, list) and errors:
        return Decoded(None, tuple(errors))
    message = f"HTTP fetch failed from '{service}': status {status}"
    return Decoded(None, (), gateway_error(HTTP_ERROR, message, service=service, statusCode=status))


def _malformed(service: str, reason: str) -> Decoded:
    message = f"Malformed response from '{service}': {reason}"
    return Decoded(None, (), gateway_error(MALFORMED_RESPONSE, message, service=service))


def entity_list(service: str, data: JsonObject, alias: str, count: int) -> list[Any] | ErrorDict:
    """The entities under an alias: as many as representations were sent, or the error to report."""
    entities = data.get(alias)
    if isinstance(entities, list) and len(entities) == count:
        return entities
    if entities is None:
        return [None] * count
    message = f"Malformed response from '{service}': {count} entities were expected"
    return gateway_error(MALFORMED_RESPONSE, message, service=service)
