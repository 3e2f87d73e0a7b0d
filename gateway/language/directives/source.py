"""`@source(...)`: a REST service that several `@connect`s share; kept as data."""

from __future__ import annotations

from gateway.language.directives.spec import OUTSIDE_FEDERATION, Argument, DirectiveSpec

SOURCE = DirectiveSpec(
    "source",
    ("SCHEMA",),
    (
        Argument("name", "~SourceName!"),
        Argument("http", "~SourceHTTP"),
        Argument("errors", "~ConnectorErrors"),
        Argument("isSuccess", "~JSONSelection"),
    ),
    since=OUTSIDE_FEDERATION,
    repeatable_since=0,
    joined_as="source",
)
