"""`@key(fields:, resolvable:)`: how an entity is recognised, and whether this subgraph can resolve it."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, DirectiveSpec

KEY = DirectiveSpec(
    "key",
    ("OBJECT", "INTERFACE"),
    (
        Argument("fields", "~FieldSet!"),
        Argument("resolvable", "Boolean", default=True, has_default=True),
    ),
    repeatable_since=0,
)
