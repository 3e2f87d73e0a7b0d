"""`@composeDirective(name:)`: a directive of another specification that the supergraph keeps."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, DirectiveSpec

COMPOSE_DIRECTIVE = DirectiveSpec(
    "composeDirective",
    ("SCHEMA",),
    (Argument("name", "String"),),
    since=1,
    repeatable_since=0,
)
