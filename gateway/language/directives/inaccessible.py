"""`@inaccessible`: part of the supergraph, hidden from its API."""

from __future__ import annotations

from gateway.language.directives.spec import Composed, DirectiveSpec

INACCESSIBLE = DirectiveSpec(
    "inaccessible",
    (
        "FIELD_DEFINITION",
        "OBJECT",
        "INTERFACE",
        "UNION",
        "ARGUMENT_DEFINITION",
        "SCALAR",
        "ENUM",
        "ENUM_VALUE",
        "INPUT_OBJECT",
        "INPUT_FIELD_DEFINITION",
    ),
    composed=Composed("inaccessible", "0.2", order=2, purpose="SECURITY"),
)
