"""Directives that every GraphQL schema has."""

from __future__ import annotations

from gateway.language.schema import DirectiveDefinition, InputValue

BUILT_IN_DIRECTIVES = {
    "deprecated": DirectiveDefinition(
        "deprecated",
        args={"reason": InputValue("reason", type="String", default="No longer supported", has_default=True)},
        locations=("FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"),
    ),
    "specifiedBy": DirectiveDefinition(
        "specifiedBy", args={"url": InputValue("url", type="String!")}, locations=("SCALAR",)
    ),
    "skip": DirectiveDefinition(
        "skip",
        args={"if": InputValue("if", type="Boolean!")},
        locations=("FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"),
    ),
    "include": DirectiveDefinition(
        "include",
        args={"if": InputValue("if", type="Boolean!")},
        locations=("FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"),
    ),
}
