"""`@listSize(...)`: how long a list is expected to be."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, Composed, DirectiveSpec, Strategy

LIST_SIZE = DirectiveSpec(
    "listSize",
    ("FIELD_DEFINITION",),
    (
        Argument("assumedSize", "Int"),
        Argument("slicingArguments", "[String!]"),
        Argument("sizedFields", "[String!]"),
        Argument("requireOneSlicingArgument", "Boolean", default=True, has_default=True),
    ),
    since=9,
    composed=Composed(
        "cost",
        "0.1",
        order=7,
        strategies={
            "assumedSize": Strategy.NULLABLE_MAX,
            "slicingArguments": Strategy.NULLABLE_UNION,
            "sizedFields": Strategy.NULLABLE_UNION,
            "requireOneSlicingArgument": Strategy.NULLABLE_AND,
        },
    ),
)
