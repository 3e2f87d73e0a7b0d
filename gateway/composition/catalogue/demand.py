"""@cost, @listSize."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "COST_APPLIED_TO_INTERFACE_FIELD",
        "@cost stands on an interface field.",
        "Mark the fields of the implementations.",
    ),
    ErrorCode(
        "LIST_SIZE_APPLIED_TO_NON_LIST",
        "@listSize stands on something that is not a list.",
        "Use sizedFields, or apply it to a list.",
    ),
    ErrorCode("LIST_SIZE_INVALID_ASSUMED_SIZE", "The assumed size is negative.", "Use zero or more."),
    ErrorCode("LIST_SIZE_INVALID_SIZED_FIELD", "A sized field does not exist.", "Name a field of the type."),
    ErrorCode(
        "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        "A slicing argument does not exist or is no integer.",
        "Name an Int argument of the field.",
    ),
)
