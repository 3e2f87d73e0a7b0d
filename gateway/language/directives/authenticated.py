"""`@authenticated`: only for callers who are logged in."""

from __future__ import annotations

from gateway.language.directives.spec import Composed, DirectiveSpec

AUTHENTICATED = DirectiveSpec(
    "authenticated",
    ("FIELD_DEFINITION", "OBJECT", "INTERFACE", "SCALAR", "ENUM"),
    since=5,
    composed=Composed("authenticated", "0.1", order=3, purpose="SECURITY"),
)
