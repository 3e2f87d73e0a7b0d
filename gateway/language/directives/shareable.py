"""`@shareable`: several subgraphs may resolve the field."""

from __future__ import annotations

from gateway.language.directives.spec import DirectiveSpec

SHAREABLE = DirectiveSpec(
    "shareable",
    ("OBJECT", "FIELD_DEFINITION"),
    repeatable_since=2,
)
