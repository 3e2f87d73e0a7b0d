"""`@policy(policies:)`: only for callers for whom one of these sets of policies holds."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, Composed, DirectiveSpec, Strategy

POLICY = DirectiveSpec(
    "policy",
    ("FIELD_DEFINITION", "OBJECT", "INTERFACE", "SCALAR", "ENUM"),
    (Argument("policies", "[[~Policy!]!]!"),),
    since=6,
    composed=Composed("policy", "0.1", order=5, purpose="SECURITY", strategies={"policies": Strategy.CONJUNCTION}),
)
