"""`@requiresScopes(scopes:)`: only for callers with one of these sets of scopes."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, Composed, DirectiveSpec, Strategy

REQUIRES_SCOPES = DirectiveSpec(
    "requiresScopes",
    ("FIELD_DEFINITION", "OBJECT", "INTERFACE", "SCALAR", "ENUM"),
    (Argument("scopes", "[[~Scope!]!]!"),),
    since=5,
    composed=Composed(
        "requiresScopes", "0.1", order=4, purpose="SECURITY", strategies={"scopes": Strategy.CONJUNCTION}
    ),
)
