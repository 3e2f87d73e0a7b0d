"""Owns the answering side of a world: each subgraph, and one schema that serves everything.

A subgraph's resolvers know what it may resolve: an external field without a provision, an overridden field, a computed
one whose requirement did not come along, or the same representation twice fail the test: a plan must not ask for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldsOnCorrectTypeRule,
    GraphQLResolveInfo,
    GraphQLSchema,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    ValuesOfCorrectTypeRule,
    VariablesInAllowedPositionRule,
    execute_sync,
    parse,
    validate,
)

from tests.differential.fieldset import Lacking, Picks, names_of, picks_on
from tests.differential.truth import Obj, Truth, WorldError
from tests.differential.world import FieldSpec, World
from tests.testkit.subgraph_schema import build_subgraph_schema

Path = tuple[str | int, ...]
RULES = (  # what a planner can get wrong
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    ValuesOfCorrectTypeRule,
    VariablesInAllowedPositionRule,
)


class AskedInVain(AssertionError):
    """A plan asked a subgraph for what it does not resolve."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The one schema's response.

    `data` is None where a null reached the root. `unseen`: objects at which the gateway may report an error that has
    no null of its own in the response: a value that was required failed, or an entity was lost.
    """

    data: Any
    errors: tuple[tuple[Path, str], ...]
    unseen: frozenset[Path]
    calls: tuple[str, ...]


class Monolith:
    """Everything from one schema."""

    def __init__(self, world: World, schema: GraphQLSchema) -> None:
        self._truth = Truth(world)
        self._world = world
        self._schema = schema
        self._unseen: set[Path] = set()
        self._calls: list[str] = []

    def answer(self, document: DocumentNode, variables: Mapping[str, Any]) -> Expected:
        """The response to a valid operation."""
        self._unseen, self._calls = set(), []
        result = execute_sync(
            self._schema, document, variable_values=dict(variables),
            field_resolver=self._resolve, type_resolver=lambda value, *_: value.type_name,
        )  # fmt: skip
        for error in result.errors or ():
            if error.path is None:
                raise AssertionError(f"the one schema refuses the operation: {error.message}")
        errors = tuple((tuple(error.path or ()), error.message) for error in result.errors or ())
        return Expected(result.data, errors, frozenset(self._unseen), tuple(self._calls))

    def _resolve(self, source: Obj | None, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        type_name = source.type_name if source is not None else info.parent_type.name
        if type_name == "Mutation":
            self._calls.append(called(info.field_name, args))
        spec = self._world.field(type_name, info.field_name)
        before = self._truth.unseen_failures
        parent: Path = tuple(info.path.as_list()[:-1])
        try:
            if source is None:
                return self._truth.value(type_name, "", spec, args)
            return _below(source, self._truth.value(type_name, source.id, spec, args, source.above))
        except WorldError as error:
            if "lost" in str(error):
                self._unseen.add(parent)
            raise
        finally:
            if self._truth.unseen_failures > before:
                self._unseen.add(parent)


class ServedSubgraph:
    """One subgraph. `calls` logs mutation fields in their order."""

    def __init__(self, world: World, name: str, sdl: str) -> None:
        self._truth = Truth(world)
        self._world = world
        self._name = name
        self._schema = build_subgraph_schema(sdl)
        self._documents: dict[str, DocumentNode] = {}
        self._label_active = False
        self.calls: list[str] = []

    def answer(self, request: Mapping[str, Any], label_active: bool) -> dict[str, Any]:
        """The response to a request body. Raises AskedInVain."""
        self._label_active = label_active
        result = execute_sync(
            self._schema, self._document(request["query"]), variable_values=dict(request.get("variables") or {}),
            field_resolver=self._resolve, type_resolver=self._type_of,
        )  # fmt: skip
        for error in result.errors or ():
            if isinstance(error.original_error, AssertionError):
                raise error.original_error
            if error.path is None:
                raise AskedInVain(f"{error.message} in {request['query']}")
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [{"message": error.message, "path": error.path} for error in result.errors]
        return answer

    def _document(self, text: str) -> DocumentNode:
        document = self._documents.get(text)
        if document is None:
            document = self._documents[text] = parse(text, no_location=True)
            problems = validate(self._schema, document, RULES)
            if problems:
                raise AskedInVain(f"{problems[0].message} in {text}")
        return document

    def _type_of(self, value: Obj, *_: Any) -> str:
        """The type's name here: that of an interface where it is taken for an object."""
        return self._object_name(value.type_name) or value.type_name

    def _object_name(self, type_name: str) -> str:
        known = self._world.interfaces_of(type_name)
        return next((each.name for each in known if self._name in each.objects), "")

    def _resolve(self, source: Obj | None, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        if info.field_name == "_entities":
            return self._entities(args["representations"])
        type_name = source.type_name if source is not None else info.parent_type.name
        spec = self._world.field(type_name, info.field_name)
        if source is None:
            if type_name == "Mutation":
                self.calls.append(called(info.field_name, args))
            return _given(self._truth.value(type_name, "", spec, args), spec.provides)
        allowed = self._allowed(source, spec)
        return _given(self._own_value(source, spec, args), allowed)

    # -- entities -------------------------------------------------------------------------------------------

    def _entities(self, representations: Sequence[Mapping[str, Any]]) -> list[Any]:
        texts = [json.dumps(each, sort_keys=True) for each in representations]
        if len(set(texts)) < len(texts):
            raise AskedInVain(f"the same representation twice: {texts}")
        return [self._entity(each) for each in representations]

    def _entity(self, representation: Mapping[str, Any]) -> Obj | WorldError | None:
        carried = dict(representation)
        name = carried.pop("__typename")
        keys, members = self._keys_of(name)
        found = {member: self._truth.entity_called(member, keys, carried) for member in members}
        type_name, id_ = next(((each, id_) for each, id_ in found.items() if id_), ("", ""))
        if not id_:
            raise AskedInVain(f"{name} asked for by {carried}")
        self._check_frugal(type_name, keys, carried)
        if self._truth.is_missing(self._name, type_name, id_):
            return self._truth.absence(self._name, type_name, id_)
        return Obj(type_name, id_, carried=carried)

    def _keys_of(self, name: str) -> tuple[list[Picks], list[str]]:
        """The keys that a type is entered by here, and the concrete types that may be meant."""
        interface = self._world.interfaces.get(name)
        if interface is not None:
            return [next(iter(self._world.types[interface.members[0]].always))], interface.members
        home = self._world.types[name].homes[self._name]
        if not home.resolvable:
            raise AskedInVain(f"{name} cannot be resolved in {self._name}")
        return home.keys, [name]

    def _check_frugal(self, type_name: str, keys: list[Picks], carried: Mapping[str, Any]) -> None:
        """A representation has one key and what is required, nothing more."""
        own = [each for each in self._world.fields_of(type_name) if self._name in each.owners]
        required = {pick.name for each in own for pick in picks_on(each.requires, type_name)}
        if not any(set(carried) - required <= set(names_of(keyed)) <= set(carried) for keyed in keys):
            raise AskedInVain(f"a representation of {type_name} with more than it needs: {sorted(carried)}")

    # -- fields ---------------------------------------------------------------------------------------------

    def _allowed(self, source: Obj, spec: FieldSpec) -> Picks:
        """What may be asked below the field beyond its own. Raises AskedInVain where it may not be asked itself."""
        if spec.resolved_in(self._name, self._label_active) or (spec.key and self._object_name(source.type_name)):
            below = spec.provides
        elif not any(pick.name == spec.name for pick in picks_on(source.provided, source.type_name)):
            raise AskedInVain(f"{source.type_name}.{spec.name} is not resolved in {self._name}")
        else:
            below = ()
        for pick in picks_on(source.provided, source.type_name):
            if pick.name == spec.name:
                below += pick.below
        return below

    def _own_value(self, source: Obj, spec: FieldSpec, args: Mapping[str, Any]) -> Any:
        if not spec.requires and not spec.contexts:
            return self._truth.value(source.type_name, source.id, spec, args)
        try:
            inputs: Any = self._taken(source.carried or {}, spec.requires, source.type_name) if spec.requires else None
        except Lacking as lacking:
            raise AskedInVain(f"{source.type_name}.{spec.name} without {lacking}") from None
        if spec.contexts:
            inputs = [inputs, *(args[name] for name in spec.contexts)]
        return self._truth.made_of(inputs, source.type_name, source.id, spec, args)

    def _taken(self, carried: Mapping[str, Any], picks: Picks, type_name: str) -> dict[str, Any]:
        """What a representation carries for a field set, and nothing else of it. Raises Lacking."""
        found: dict[str, Any] = {}
        for pick in picks_on(picks, type_name):
            if pick.name not in carried:
                raise Lacking(f"{pick.name} of {type_name}")
            target = self._world.field(type_name, pick.name).target
            found[pick.name] = self._taken_below(carried[pick.name], pick.below, target)
        return found

    def _taken_below(self, value: Any, picks: Picks, target: str) -> Any:
        if isinstance(value, list):
            return [self._taken_below(item, picks, target) for item in value]
        if not isinstance(value, dict):
            return value
        possible = self._world.concrete(target)
        if len(possible) > 1 and "__typename" not in value:
            raise Lacking(f"__typename below {target}")
        return self._taken(value, picks, value.get("__typename", possible[0]))


def called(name: str, args: Mapping[str, Any]) -> str:
    """One line of a log of mutations."""
    return f"{name}{json.dumps({key: value for key, value in args.items() if not key.startswith('dark')})}"


def _below(source: Obj, value: Any) -> Any:
    """The value's objects with the one above them."""
    if isinstance(value, list):
        return [_below(source, item) for item in value]
    return replace(value, above=source) if isinstance(value, Obj) else value


def _given(value: Any, provided: Picks) -> Any:
    if isinstance(value, list):
        return [_given(item, provided) for item in value]
    return replace(value, provided=provided) if isinstance(value, Obj) and provided else value
