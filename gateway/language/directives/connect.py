"""`@connect(...)`: how a REST service resolves a field or an entity; kept as data for gateways that know how."""

from __future__ import annotations

from gateway.language.directives.spec import OUTSIDE_FEDERATION, Argument, DirectiveSpec

CONNECT = DirectiveSpec(
    "connect",
    ("FIELD_DEFINITION", "OBJECT"),
    (
        Argument("source", "String"),
        Argument("id", "String"),
        Argument("http", "~ConnectHTTP"),
        Argument("batch", "~ConnectBatch"),
        Argument("errors", "~ConnectorErrors"),
        Argument("isSuccess", "~JSONSelection"),
        Argument("selection", "~JSONSelection!"),
        Argument("entity", "Boolean", default=False, has_default=True),
    ),
    since=OUTSIDE_FEDERATION,
    repeatable_since=0,
    joined_as="connect",
)
