"""GraphQL of a subgraph: the endpoint that only the gateway may call, Relay connections and cursors, errors with codes.

schema = SubgraphSchema(query=Query, mutation=Mutation, types=[Task])
verifier = InternalVerifier(settings.internal_trusted_keys, "task")
process.mount(subgraph_app(schema, verifier, context=lambda caller: Context(caller, services)))
"""

from __future__ import annotations

from kit.graphql.connections import Connection, Edge, PageInfo, PageRequest, connection, page_request
from kit.graphql.cursors import decode_cursor, encode_cursor
from kit.graphql.endpoint import subgraph_app
from kit.graphql.live import fed_by_gateway, live
from kit.graphql.schema import SubgraphSchema, sdl

__all__ = [
    "Connection",
    "Edge",
    "PageInfo",
    "PageRequest",
    "SubgraphSchema",
    "connection",
    "decode_cursor",
    "encode_cursor",
    "fed_by_gateway",
    "live",
    "page_request",
    "sdl",
    "subgraph_app",
]
