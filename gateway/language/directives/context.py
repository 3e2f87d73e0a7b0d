"""`@context(name:)`: a type whose fields descendants may read as arguments."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, Composed, DirectiveSpec

CONTEXT = DirectiveSpec(
    "context",
    ("INTERFACE", "OBJECT", "UNION"),
    (Argument("name", "String!"),),
    since=8,
    repeatable_since=0,
    composed=Composed("context", "0.1", order=6, purpose="SECURITY"),
)
