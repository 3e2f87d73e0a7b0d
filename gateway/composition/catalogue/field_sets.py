"""Field sets: @key, @requires, @provides."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode("KEY_FIELDS_HAS_ARGS", "A field with arguments stands in a @key.", "Use fields without arguments."),
    ErrorCode(
        "PROVIDES_FIELDS_HAS_ARGS", "A field with arguments stands in a @provides.", "Use fields without arguments."
    ),
    ErrorCode(
        "PROVIDES_FIELDS_MISSING_EXTERNAL",
        "A provided field is resolved by this subgraph anyway.",
        "Mark it @external or take it out of @provides.",
    ),
    ErrorCode(
        "REQUIRES_FIELDS_MISSING_EXTERNAL",
        "A required field is resolved by this subgraph anyway.",
        "Mark it @external or take it out of @requires.",
    ),
    ErrorCode(
        "KEY_UNSUPPORTED_ON_INTERFACE",
        "The subgraph's federation version does not know @key on interfaces.",
        "Link federation v2.3 or newer.",
    ),
    ErrorCode(
        "PROVIDES_UNSUPPORTED_ON_INTERFACE",
        "@provides stands on an interface field.",
        "Move it to the fields of the implementations.",
    ),
    ErrorCode(
        "REQUIRES_UNSUPPORTED_ON_INTERFACE",
        "@requires stands on an interface field.",
        "Move it to the fields of the implementations.",
    ),
    ErrorCode(
        "PROVIDES_ON_NON_OBJECT_FIELD", "@provides stands on a field of scalar or enum type.", "Remove @provides."
    ),
    ErrorCode("KEY_INVALID_FIELDS_TYPE", "The fields of a @key are not a string.", 'Write fields: "id".'),
    ErrorCode("PROVIDES_INVALID_FIELDS_TYPE", "The fields of a @provides are not a string.", 'Write fields: "name".'),
    ErrorCode("REQUIRES_INVALID_FIELDS_TYPE", "The fields of a @requires are not a string.", 'Write fields: "name".'),
    ErrorCode(
        "KEY_INVALID_FIELDS",
        "The fields of a @key are not a valid selection on the type.",
        "Correct the selection or declare the fields.",
    ),
    ErrorCode(
        "PROVIDES_INVALID_FIELDS",
        "The fields of a @provides are not a valid selection on the field's type.",
        "Correct the selection or declare the fields.",
    ),
    ErrorCode(
        "REQUIRES_INVALID_FIELDS",
        "The fields of a @requires are not a valid selection on the type.",
        "Correct the selection or declare the fields.",
    ),
    ErrorCode(
        "KEY_FIELDS_SELECT_INVALID_TYPE",
        "A field in a @key is of an interface or union type.",
        "Use fields of object and leaf types.",
    ),
    ErrorCode("KEY_DIRECTIVE_IN_FIELDS_ARG", "A directive is applied inside the fields of a @key.", "Remove it."),
    ErrorCode(
        "PROVIDES_DIRECTIVE_IN_FIELDS_ARG", "A directive is applied inside the fields of a @provides.", "Remove it."
    ),
    ErrorCode(
        "REQUIRES_DIRECTIVE_IN_FIELDS_ARG", "A directive is applied inside the fields of a @requires.", "Remove it."
    ),
)
