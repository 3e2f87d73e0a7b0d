"""`@tag(name:)`: a label that tools filter by."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, Composed, DirectiveSpec

TAG = DirectiveSpec(
    "tag",
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
    (Argument("name", "String!"),),
    repeatable_since=0,
    later_locations=((3, ("SCHEMA",)),),
    composed=Composed("tag", "0.3", order=1),
)
