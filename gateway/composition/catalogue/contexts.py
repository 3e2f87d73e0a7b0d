"""@context, @fromContext."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode("CONTEXT_NOT_SET", "@fromContext uses a context that no type sets.", "Add @context with that name."),
    ErrorCode(
        "CONTEXT_INVALID_SELECTION",
        "The selection of a @fromContext is not valid for its context.",
        "Select one field of matching type.",
    ),
    ErrorCode("NO_CONTEXT_IN_SELECTION", "@fromContext names no context.", "Start the field with $name."),
    ErrorCode("CONTEXT_NO_RESOLVABLE_KEY", "A type with a contextual argument has no resolvable key.", "Add a @key."),
    ErrorCode("CONTEXT_NAME_INVALID", "The name of a @context is malformed.", "Use letters and digits."),
    ErrorCode(
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        "A contextual argument is an ordinary required one in another subgraph.",
        "Make it contextual, or optional, there too.",
    ),
)
