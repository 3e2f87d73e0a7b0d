"""`@requires(fields:)`: what other subgraphs must have delivered before the field can be resolved."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, DirectiveSpec

REQUIRES = DirectiveSpec(
    "requires",
    ("FIELD_DEFINITION",),
    (Argument("fields", "~FieldSet!"),),
)
