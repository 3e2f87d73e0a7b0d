"""`@provides(fields:)`: external fields that this subgraph can resolve below one of its fields."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, DirectiveSpec

PROVIDES = DirectiveSpec(
    "provides",
    ("FIELD_DEFINITION",),
    (Argument("fields", "~FieldSet!"),),
)
