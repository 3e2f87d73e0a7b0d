"""A live field tells the gateway what feeds it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry
from graphql import FieldDefinitionNode, parse

from gateway.live.directive import live_field
from kit.errors import Kind
from kit.graphql import SubgraphSchema, fed_by_gateway, live, sdl


@strawberry.type
class Query:
    ok: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription(  # type: ignore[untyped-decorator]  # overloads
        directives=[
            live(
                topic="project:{args.id}", events=["task.created"], gate="ok", value={"id": "$id", "task": "$data.task"}
            )
        ]
    )
    async def task_changed(self, id: strawberry.ID) -> AsyncGenerator[str, None]:  # noqa: A002
        raise fed_by_gateway()
        yield


def test_the_directive_is_composed_and_read_by_the_gateway() -> None:
    told = sdl(SubgraphSchema(query=Query, subscription=Subscription))
    assert '@composeDirective(name: "@live")' in told
    assert "https://taskflow.dev/live/v1.0" in told
    fields = [
        field
        for definition in parse(told).definitions
        for field in getattr(definition, "fields", None) or ()
        if isinstance(field, FieldDefinitionNode) and field.name.value == "taskChanged"
    ]
    read = live_field(fields[0], fields[0].directives or ())
    assert read is not None
    assert read.events == {"task.created"}


def test_nobody_subscribes_at_the_subgraph() -> None:
    assert fed_by_gateway().kind is Kind.PRECONDITION
