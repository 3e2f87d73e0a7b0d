"""Authorization."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
        "An authorization directive stands on an interface or interface object.",
        "Apply it to the implementations.",
    ),
    ErrorCode(
        "AUTH_REQUIREMENTS_TOO_COMPLEX",
        "Scopes or policies that several subgraphs demand have more than 500 alternatives at once.",
        "Demand fewer alternatives, or in fewer subgraphs.",
    ),
    ErrorCode(
        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        "A field reads, through @requires or @fromContext, data that needs more authorization than itself.",
        "Add the missing requirements to the field.",
    ),
)
