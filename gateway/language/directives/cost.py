"""`@cost(weight:)`: how expensive an element is."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, Composed, DirectiveSpec, Strategy

COST = DirectiveSpec(
    "cost",
    (
        "ARGUMENT_DEFINITION",
        "ENUM",
        "FIELD_DEFINITION",
        "INPUT_FIELD_DEFINITION",
        "OBJECT",
        "SCALAR",
    ),
    (Argument("weight", "Int!"),),
    since=9,
    composed=Composed("cost", "0.1", order=7, strategies={"weight": Strategy.MAX}),
)
