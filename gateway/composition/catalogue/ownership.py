"""Who resolves a field: @external, @override, extensions."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "EXTERNAL_UNUSED",
        "A field is @external but nothing in the subgraph uses it.",
        "Remove the field or the directive.",
    ),
    ErrorCode(
        "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
        "@external stands beside a directive that contradicts it.",
        "Remove one of the two.",
    ),
    ErrorCode(
        "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
        "A federation 1 type has nothing but unused @external fields.",
        "Remove the type from the subgraph.",
    ),
    ErrorCode(
        "EXTERNAL_TYPE_MISMATCH",
        "An @external field has another type than where it is resolved.",
        "Declare the same type.",
    ),
    ErrorCode(
        "EXTERNAL_ARGUMENT_MISSING",
        "An @external field lacks an argument of the field that is resolved elsewhere.",
        "Declare the argument.",
    ),
    ErrorCode(
        "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
        "An argument of an @external field has another type than where the field is resolved.",
        "Declare the same type.",
    ),
    ErrorCode(
        "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
        "An argument of an @external field has another default than where the field is resolved.",
        "Declare the same default.",
    ),
    ErrorCode(
        "EXTERNAL_ON_INTERFACE", "@external stands on an interface field.", "Mark the fields of the implementations."
    ),
    ErrorCode(
        "EXTERNAL_MISSING_ON_BASE", "A field is @external everywhere it is declared.", "Resolve it in one subgraph."
    ),
    ErrorCode(
        "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
        "A composed directive stands on an @external field.",
        "Apply it where the field is resolved.",
    ),
    ErrorCode(
        "EXTENSION_WITH_NO_BASE",
        "A federation 1 extension extends a type that no subgraph defines.",
        "Define the type in one subgraph.",
    ),
    ErrorCode(
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        "@override stands on, or takes over, a field with a directive that contradicts it.",
        "Remove one of the two.",
    ),
    ErrorCode("OVERRIDE_FROM_SELF_ERROR", "A field overrides itself.", 'Name the other subgraph in "from".'),
    ErrorCode(
        "OVERRIDE_SOURCE_HAS_OVERRIDE", "The overridden field is itself an override.", "Keep one @override per field."
    ),
    ErrorCode(
        "OVERRIDE_ON_INTERFACE", "@override stands on an interface field.", "Mark the fields of the implementations."
    ),
    ErrorCode(
        "OVERRIDE_LABEL_INVALID",
        "The label of an @override is malformed.",
        "Start with a letter, or write percent(0 to 100).",
    ),
)
