"""`@external`: the field is declared here and resolved elsewhere."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, DirectiveSpec

EXTERNAL = DirectiveSpec(
    "external",
    ("OBJECT", "FIELD_DEFINITION"),
    (Argument("reason", "String"),),
)
