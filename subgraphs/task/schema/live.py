"""The directive by which a subscription field says which events feed it (see docs/decisions/0001-foundations.md)."""

import strawberry
from strawberry.schema_directive import Location


@strawberry.federation.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="live",
    compose=True,
    import_url="https://taskflow.dev/live/v1.0",
)
class Live:
    topic: str
    events: list[str]
    gate: str
    value: str
