"""The directive that makes a Subscription field live: fed by events through the gateway, not by the subgraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from strawberry.federation.schema_directive import schema_directive
from strawberry.schema_directive import Location

from kit.errors import DomainError


@schema_directive(
    locations=[Location.FIELD_DEFINITION], compose=True, import_url="https://taskflow.dev/live/v1.0", name="live"
)
class Live:
    """See docs/decisions/0001: topic, feeding events, gate and value template of a live field."""

    topic: str
    events: list[str]
    gate: str
    value: str


def live(*, topic: str, events: list[str], gate: str, value: Mapping[str, Any]) -> Live:
    """The directive; `value` is the template as a mapping."""
    return Live(topic=topic, events=events, gate=gate, value=orjson.dumps(value).decode())


def fed_by_gateway() -> DomainError:
    """What a live field's own resolver raises: nobody comes here."""
    return DomainError.of("PRECONDITION_FAILED", "Live fields are fed by the gateway.")
