"""The OpenAPI document of the routes, made of the API schema: inputs become bodies, selections become resources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLDefaultInput,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    parse,
    value_from_ast_untyped,
)

from gateway.shims.rest.binding import INPUT, VERSION, Bound, bound
from gateway.shims.rest.routes import Route

Json = dict[str, Any]

_SCALARS: Mapping[str, Json] = {
    "ID": {"type": "string"},
    "String": {"type": "string"},
    "Int": {"type": "integer", "format": "int32"},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "DateTime": {"type": "string", "format": "date-time"},
}
_PROBLEMS = {
    400: "The request is malformed or a value is not accepted.",
    401: "No caller could be established.",
    403: "The caller may see this but not do it.",
    404: "It does not exist, or the caller may not know that it does.",
    409: "It does not fit the state of things, or changed meanwhile.",
    412: "It changed since the ETag of If-Match was given.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    429: "Too many requests.",
    500: "A fault of ours.",
    502: "A service failed.",
    503: "Something is down; try again.",
    504: "No answer in time; whether it took effect is unknown.",
}
_ETAG: Json = {"description": "Names this state of the resource.", "schema": {"type": "string"}}


def openapi(schema: GraphQLSchema, routes: Iterable[Route]) -> Json:
    """The document (OpenAPI 3.1) for a schema that every route's operation fits."""
    paths: Json = {}
    for route in sorted(routes, key=lambda each: (each.path, each.method)):
        paths.setdefault(f"/api/v1{route.path}", {})[route.method.lower()] = _operation(schema, bound(route))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TaskFlow",
            "version": "1",
            "description": "REST for clients that do not speak GraphQL. Errors are problem documents (RFC 9457).",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"Problem": _problem_schema()},
        },
    }


def _operation(schema: GraphQLSchema, each: Bound) -> Json:
    route = each.route
    described: Json = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "security": [{}, {"accessToken": []}] if route.public else [{"accessToken": []}],
        "parameters": _parameters(each),
        "responses": _responses(schema, each),
    }
    if each.has_body:
        hidden = {*route.into_input.values(), VERSION}
        body = _input(cast("GraphQLInputObjectType", schema.type_map[each.variables[INPUT]]), hidden)
        described["requestBody"] = {
            "required": bool(body.get("required")),
            "content": {"application/json": {"schema": body}},
        }
    return described


def _operation_id(route: Route) -> str:
    words = re.findall(r"[a-z]+", route.path.replace("{id}", "by-id"))
    return route.method.lower() + "".join(word.capitalize() for word in words)


def _parameters(each: Bound) -> list[Json]:
    found: list[Json] = [
        {"name": own[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
        for own in each.segments
        if own.startswith("{")
    ]
    found += [{"name": name, "in": "query", "schema": dict(_SCALARS[kind])} for name, kind in each.query.items()]
    if each.route.method != "GET":
        found.append(_header("Idempotency-Key", "A repetition with the same key has no second effect (kept for 24 h)."))
    if each.route.versioned and each.route.into_input:
        found.append(_header("If-Match", "The ETag that the resource must still have."))
    if each.route.versioned and each.route.method == "GET":
        found.append(_header("If-None-Match", "An ETag; 304 when it is still the resource's."))
    return found


def _header(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _responses(schema: GraphQLSchema, each: Bound) -> Json:
    route = each.route
    headers: Json = {}
    if route.location:
        headers["Location"] = {"description": "Where the new resource is.", "schema": {"type": "string"}}
    if route.versioned:
        headers["ETag"] = _ETAG
    if route.paged:
        headers["Link"] = {"description": 'The next page, rel="next".', "schema": {"type": "string"}}
    success: Json = {"description": route.summary, "content": {"application/json": {"schema": _resource(schema, each)}}}
    if headers:
        success["headers"] = headers
    responses: Json = {str(route.status): success}
    if route.versioned and route.method == "GET":
        responses["304"] = {"description": "It is as it was.", "headers": {"ETag": _ETAG}}
    conditional = route.versioned and route.into_input
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, meaning in _PROBLEMS.items():
        if (status in (413, 415) and not each.has_body) or (status == 412 and not conditional):
            continue
        responses[str(status)] = {"description": meaning, "content": content}
    return responses


def _resource(schema: GraphQLSchema, each: Bound) -> Json:
    """The schema of what `result` leads to."""
    operation = cast("OperationDefinitionNode", parse(each.route.operation, no_location=True).definitions[0])
    at: Any = schema.get_root_type(operation.operation)
    selection: SelectionSetNode = operation.selection_set
    for name in each.route.result:
        node = next(one for one in selection.selections if isinstance(one, FieldNode) and one.name.value == name)
        at = get_named_type(at.fields[name].type)
        selection = cast("SelectionSetNode", node.selection_set)
    if not each.route.paged:
        return _selected(at, selection)
    nodes = next(one for one in selection.selections if isinstance(one, FieldNode) and one.name.value == "nodes")
    item = _selected(get_named_type(at.fields["nodes"].type), cast("SelectionSetNode", nodes.selection_set))
    following = {"type": ["string", "null"], "description": "The cursor of the next page (`after`); null on the last."}
    return _object({"items": {"type": "array", "items": item}, "next": following})


def _selected(kind: GraphQLObjectType, selection: SelectionSetNode) -> Json:
    properties: Json = {}
    for node in selection.selections:
        field = kind.fields[cast("FieldNode", node).name.value]
        inner = cast("FieldNode", node).selection_set
        described = _type(field.type, inner)
        if field.description:
            described = {**described, "description": field.description}
        properties[cast("FieldNode", node).name.value] = described
    return _object(properties)


def _input(kind: GraphQLInputObjectType, hidden: set[str]) -> Json:
    properties: Json = {}
    required: list[str] = []
    for name, field in kind.fields.items():
        if name in hidden:
            continue
        described = _type(field.type)
        if field.description:
            described = {**described, "description": field.description}
        if field.default is not None:
            described = {**described, "default": _value(field.default)}
        elif isinstance(field.type, GraphQLNonNull):
            required.append(name)
        properties[name] = described
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _value(default: GraphQLDefaultInput) -> Any:
    """A default as JSON, whether the schema came from text or was built."""
    return value_from_ast_untyped(default.literal) if default.literal is not None else default.value


def _type(kind: Any, selection: SelectionSetNode | None = None) -> Json:
    if isinstance(kind, GraphQLNonNull):
        return _bare(kind.of_type, selection)
    inner = _bare(kind, selection)
    if isinstance(inner.get("type"), str) and "enum" not in inner:
        return {**inner, "type": [inner["type"], "null"]}
    return {"anyOf": [inner, {"type": "null"}]}


def _bare(kind: Any, selection: SelectionSetNode | None) -> Json:
    if isinstance(kind, GraphQLList):
        return {"type": "array", "items": _type(kind.of_type, selection)}
    if isinstance(kind, GraphQLEnumType):
        return {"type": "string", "enum": sorted(kind.values)}
    if isinstance(kind, GraphQLInputObjectType):
        return _input(kind, set())
    if isinstance(kind, GraphQLObjectType) and selection is not None:
        return _selected(kind, selection)
    return dict(_SCALARS.get(kind.name, {}))


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _problem_schema() -> Json:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "type": {**text, "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": {**text, "description": "A code of docs/error-codes.md."},
            "fields": {"type": "object", "description": "Values a client can act on."},
            "traceId": {**text, "description": "Finds a fault in our logs."},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }
