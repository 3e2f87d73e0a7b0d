"""Owns the answering side of a world: each subgraph, and one schema that serves everything.

A subgraph's resolvers know what it may resolve: an external field without a provision, an overridden field, or a
computed one whose requirement did not come along fail the test, since a plan must not ask for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, execute_sync, parse, validate

from tests.differential.sources import externals
from tests.differential.world import FieldSpec, Obj, World, split_need, type_of_id
from tests.testkit.subgraph_schema import build_subgraph_schema


class AskedInVain(AssertionError):
    """A plan asked a subgraph for what it does not resolve."""


class Served:
    """A schema over the world. `calls` logs mutation fields in their order."""

    def __init__(self, world: World, schema: GraphQLSchema, calls: list[str]) -> None:
        self._world = world
        self._schema = schema
        self._calls = calls

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The response to a request body."""
        document = parse(request["query"])
        problems = validate(self._schema, document)
        if problems:
            raise AskedInVain(f"{problems[0].message} in {request['query']}")
        result = execute_sync(
            self._schema, document, variable_values=dict(request.get("variables") or {}),
            field_resolver=self.resolve, type_resolver=self.type_of,
        )  # fmt: skip
        for error in result.errors or ():
            if isinstance(error.original_error, AssertionError):
                raise error.original_error
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [{"message": error.message, "path": error.path} for error in result.errors]
        return answer

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        raise NotImplementedError

    def type_of(self, value: Obj, *_: Any) -> str:
        """The type's name in this schema: that of an interface where it is taken for an object."""
        if value.type_name in self._schema.type_map:
            return value.type_name
        return self._world.types[value.type_name].interfaces[0]

    def root(self, info: GraphQLResolveInfo[Any], args: Mapping[str, Any]) -> tuple[FieldSpec, Any]:
        """A root field with its value."""
        fields = self._world.queries if info.parent_type.name == "Query" else self._world.mutations
        spec = fields[info.field_name]
        if info.parent_type.name == "Mutation":
            self._calls.append(f"{info.field_name}{dict(args)}")
        return spec, self._world.plain(info.parent_type.name, "", spec, args)


class Monolith(Served):
    """Everything from one schema."""

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        if source is None:
            return self.root(info, args)[1]
        spec = self._world.spec(source.type_name, info.field_name)
        assert spec is not None, f"{source.type_name}.{info.field_name}"
        if spec.contexts:
            inputs = [self._world.required(source.type_name, source.id, name) for name in spec.requires]
            inputs += [self._world.from_above(source, name) for name in spec.contexts]
            return self._world.computed(source.type_name, source.id, spec, inputs)
        value = checked(self._world, source, spec, self._world.value(source.type_name, source.id, spec, args))
        return _below(source, value)


class ServedSubgraph(Served):
    """One subgraph."""

    def __init__(self, world: World, name: str, sdl: str, calls: list[str]) -> None:
        super().__init__(world, build_subgraph_schema(sdl), calls)
        self._name = name

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        if info.field_name == "_entities":
            return [self._entity(each) for each in args["representations"]]
        if source is None:
            return self._providing(*self.root(info, args))
        spec = self._world.spec(source.type_name, info.field_name)
        assert spec is not None, f"{source.type_name}.{info.field_name}"
        value = self._own_value(source, spec, args)
        return self._providing(spec, checked(self._world, source, spec, value))

    def _entity(self, representation: Mapping[str, Any]) -> Obj:
        carried = dict(representation)
        name = carried.pop("__typename")
        if "id" in carried:
            id_ = carried["id"]
        else:
            id_ = carried["keyA"].split(":")[1]
        concrete = type_of_id(id_)
        if name not in (concrete, *self._world.types[concrete].interfaces):
            raise AskedInVain(f"{name} asked by the id of a {concrete}")
        known = self._world.types[concrete]
        served = [
            *known.fields.values(),
            *(f for i in known.interfaces for f in self._world.interfaces[i].extra.values()),
        ]
        allowed = {"id", "keyA"} | {
            split_need(need)[0] for each in served if self._name in each.owners for need in each.requires
        }
        if not carried.keys() <= allowed:
            raise AskedInVain(f"representation with more than it needs: {sorted(carried)}")
        return Obj(concrete, id_, carried=carried)

    def _own_value(self, source: Obj, spec: FieldSpec, args: Mapping[str, Any]) -> Any:
        if not spec.resolves(self._name, self._world.label_active) and spec.name not in ("id", "keyA"):
            known = self._world.types.get(source.type_name)
            outside = externals(self._world, known, self._name) if known is not None else set()
            if spec.name not in outside or spec.name not in source.provided:
                raise AskedInVain(f"{source.type_name}.{spec.name} is not resolved in {self._name}")
        if spec.requires:
            names = [split_need(need)[0] for need in spec.requires]
            missing = [name for name in names if name not in (source.carried or {})]
            if missing:
                raise AskedInVain(f"{spec.name} asked without {missing}")
            inputs = [_plain_inputs(source.carried[name]) for name in names]
            inputs += [args[name] for name in spec.contexts]
            return self._world.computed(source.type_name, source.id, spec, inputs)
        if spec.contexts:
            return self._world.computed(source.type_name, source.id, spec, [args[name] for name in spec.contexts])
        return self._world.value(source.type_name, source.id, spec, args)

    def _providing(self, spec: FieldSpec, value: Any) -> Any:
        if isinstance(value, list):
            return [self._providing(spec, item) for item in value]
        if isinstance(value, Obj) and spec.provides:
            return Obj(value.type_name, value.id, frozenset(spec.provides))
        return value


def _below(source: Obj, value: Any) -> Any:
    """The value's objects with the one above them."""
    if isinstance(value, list):
        return [_below(source, item) for item in value]
    return replace(value, above=source) if isinstance(value, Obj) else value


def checked(world: World, source: Obj, spec: FieldSpec, value: Any) -> Any:
    """The value, or the error that the world puts in its place."""
    if spec.fails and world.draw("fail", source.type_name, source.id, spec.name) % 3 == 0:
        raise ValueError(f"{spec.name} fails")
    return value


def _plain_inputs(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain_inputs(item) for item in value]
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if name != "__typename"}
    return value
