"""`@override(from:, label:)`: this subgraph takes a field over from another one."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, DirectiveSpec

OVERRIDE = DirectiveSpec(
    "override",
    ("FIELD_DEFINITION",),
    (Argument("from", "String!"), Argument("label", "String", since=7)),
)
