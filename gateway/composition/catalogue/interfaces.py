"""Keys of interfaces, @interfaceObject."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "INTERFACE_OBJECT_USAGE_ERROR",
        "@interfaceObject lacks its key, its interface or meets an implementation.",
        "Give it the interface's @key and keep its implementations out of the subgraph.",
    ),
    ErrorCode(
        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        "An implementation lacks the @key of its interface.",
        "Add the key to every implementation.",
    ),
    ErrorCode(
        "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
        "A subgraph with a resolvable interface key lacks one of the implementations.",
        "Define the missing implementation there.",
    ),
)
