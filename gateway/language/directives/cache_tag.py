"""`@cacheTag(format:)`: the tag by which cached answers are invalidated."""

from __future__ import annotations

from gateway.language.directives.spec import Argument, DirectiveSpec

CACHE_TAG = DirectiveSpec(
    "cacheTag",
    ("OBJECT", "FIELD_DEFINITION"),
    (Argument("format", "String!"),),
    since=12,
    repeatable_since=0,
    joined_as="federation__cacheTag",
)
