"""The graph follows its subgraphs: loaded once they answer, swapped on change, kept when they stop composing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.assembly import GraphOptions
from gateway.executor.ports import SubgraphCall, SubgraphFailure
from gateway.pipeline.generations import Generations
from gateway.schema_watch import CompositionFailed, SchemaWatch
from kit.errors import DomainError
from tests.unit.gateway.executor.scripted_subgraphs import Nobody, ScriptedClient

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
A = LINK + 'type Query { me: User } type User @key(fields: "id") { id: ID! }'
B = LINK + 'type User @key(fields: "id") { id: ID! name: String }'
BROKEN = LINK + 'type User @key(fields: "missing") { id: ID! }'


class World:
    """Two subgraphs whose SDL a test changes."""

    def __init__(self) -> None:
        self.sdls: dict[str, Any] = {"a": A, "b": B}
        self.generations = Generations()
        client = ScriptedClient(self._answer)
        urls = {name: (f"http://{name}/graphql",) for name in self.sdls}
        self.watch = SchemaWatch(urls, client, Nobody(), GraphOptions(), self.generations)

    def _answer(self, call: SubgraphCall, _: Any) -> Any:
        sdl = self.sdls[call.service]
        return sdl if isinstance(sdl, SubgraphFailure | bytes) else {"data": {"_service": {"sdl": sdl}}}

    @property
    def fields(self) -> set[str]:
        current = self.generations.current
        assert current is not None
        user: Any = current.engine.schema.type_map["User"]
        return set(user.fields)


async def test_the_graph_is_loaded_and_then_left_alone() -> None:
    world = World()
    await world.watch.refresh()
    first = world.generations.current
    assert world.fields == {"id", "name"}
    await world.watch.refresh()
    assert world.generations.current is first


async def test_a_change_swaps_the_engine() -> None:
    world = World()
    await world.watch.refresh()
    first = world.generations.current
    assert first is not None
    world.sdls["b"] = B.replace("name", "title")
    await world.watch.refresh()
    assert world.fields == {"id", "title"}
    await first.retired.wait()


async def test_a_set_that_does_not_compose_changes_nothing() -> None:
    world = World()
    await world.watch.refresh()
    world.sdls["b"] = BROKEN
    await world.watch.refresh()
    assert world.fields == {"id", "name"}
    world.sdls["b"] = B.replace("name", "title")
    await world.watch.refresh()
    assert world.fields == {"id", "title"}


async def test_a_first_set_that_does_not_compose_is_an_error() -> None:
    world = World()
    world.sdls["b"] = BROKEN
    with pytest.raises(CompositionFailed, match="KEY_INVALID_FIELDS"):
        await world.watch.refresh()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SubgraphFailure("UNAVAILABLE", "gone"), "gone"),
        (b"nonsense", "nonsense"),
        (b"{}", "{}"),
        (b'{"errors":[{"message":"not yet"}]}', "not yet"),
        (b'{"data":{"_service":{"sdl":1}}}', "sdl"),
    ],
)
async def test_a_subgraph_that_does_not_tell_its_schema_is_unavailable_with_what_it_said(
    answer: Any, said: str
) -> None:
    world = World()
    world.sdls["a"] = answer
    with pytest.raises(DomainError) as error:
        await world.watch.refresh()
    assert error.value.code == "UNAVAILABLE"
    assert said in error.value.message
    assert world.generations.current is None
