"""`@fromContext(field:)`: an argument that the gateway fills from a context above."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, Composed, DirectiveSpec

FROM_CONTEXT = DirectiveSpec(
    "fromContext",
    ("ARGUMENT_DEFINITION",),
    (Argument("field", "~ContextFieldValue"),),
    since=8,
    composed=Composed("context", "0.1", order=6, purpose="SECURITY"),
)
