"""Merging."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "TYPE_KIND_MISMATCH", "A type has different kinds in different subgraphs.", "Rename one or align the kinds."
    ),
    ErrorCode("FIELD_TYPE_MISMATCH", "A field has incompatible types in different subgraphs.", "Align the types."),
    ErrorCode(
        "FIELD_ARGUMENT_TYPE_MISMATCH", "An argument has incompatible types in different subgraphs.", "Align the types."
    ),
    ErrorCode(
        "INPUT_FIELD_DEFAULT_MISMATCH",
        "An input field has different defaults in different subgraphs.",
        "Align the defaults.",
    ),
    ErrorCode(
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        "An argument has different defaults in different subgraphs.",
        "Align the defaults.",
    ),
    ErrorCode(
        "INVALID_FIELD_SHARING",
        "Several subgraphs resolve a field that is not shareable in all of them.",
        "Mark it @shareable everywhere or resolve it once.",
    ),
    ErrorCode(
        "INVALID_SHAREABLE_USAGE",
        "@shareable stands where it cannot, or twice on one declaration.",
        "Apply it once, to fields of object types.",
    ),
    ErrorCode(
        "INTERFACE_FIELD_NO_IMPLEM",
        "An implementation of an interface lacks one of its fields in the supergraph.",
        "Add the field to every implementation.",
    ),
    ErrorCode(
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        "An argument is required in one subgraph and missing in another.",
        "Declare it everywhere or make it optional.",
    ),
    ErrorCode(
        "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        "An input field is required in one subgraph and missing in another.",
        "Declare it everywhere or make it optional.",
    ),
    ErrorCode(
        "EMPTY_MERGED_INPUT_TYPE",
        "No input field is common to all subgraphs that define the type.",
        "Keep at least one field in all of them.",
    ),
    ErrorCode(
        "ENUM_VALUE_MISMATCH",
        "An enum used for input and output has different values in different subgraphs.",
        "Declare the same values or mark the odd one @inaccessible.",
    ),
    ErrorCode(
        "EMPTY_MERGED_ENUM_TYPE",
        "No enum value is common to all subgraphs that define the type.",
        "Keep at least one value in all of them.",
    ),
    ErrorCode(
        "DIRECTIVE_COMPOSITION_ERROR",
        "A directive named by @composeDirective cannot be composed.",
        "Link the directive's specification the same way everywhere.",
    ),
)
