"""@inaccessible."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "REFERENCED_INACCESSIBLE",
        "An accessible element refers to an @inaccessible type.",
        "Hide the element too, or show the type.",
    ),
    ErrorCode(
        "DEFAULT_VALUE_USES_INACCESSIBLE",
        "A visible default value uses an @inaccessible element.",
        "Change the default or show the element.",
    ),
    ErrorCode("QUERY_ROOT_TYPE_INACCESSIBLE", "The query root type is @inaccessible.", "Show it."),
    ErrorCode(
        "REQUIRED_INACCESSIBLE", "A required argument or input field is @inaccessible.", "Make it optional or show it."
    ),
    ErrorCode("DISALLOWED_INACCESSIBLE", "@inaccessible stands on an element that cannot be hidden.", "Remove it."),
    ErrorCode(
        "IMPLEMENTED_BY_INACCESSIBLE",
        "A field or argument is @inaccessible but implements a visible interface field.",
        "Hide the interface's field too, or show it.",
    ),
    ErrorCode(
        "ONLY_INACCESSIBLE_CHILDREN", "A visible type has nothing visible in it.", "Hide the type or show a member."
    ),
)
