"""Owns subgraphs that answer from recorded values: what each root field and each entity of a subgraph holds.

A tree of values stands behind every root field (by arguments) and every representation; any document over them can be
answered, however it is batched, aliased or split. A field that was never recorded is a loud failure, never null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    parse,
    validate,
    value_from_ast_untyped,
)

Json = Any
FAULT = "__fault"


class NotRecorded(AssertionError):
    """A plan asked for something that the recorded subgraph never said."""


@dataclass
class Answers:
    """What one subgraph knows. `roots`: by operation kind and printed field; `entities`: by representation."""

    roots: dict[str, dict[str, Json]] = field(default_factory=dict)
    entities: dict[str, Json] = field(default_factory=dict)

    def entity(self, representation: Mapping[str, Json]) -> Json:
        """The value tree of an entity; one recorded under fewer or more fields will do if they agree."""
        exact = self.entities.get(canonical(representation))
        if exact is not None or canonical(representation) in self.entities:
            return exact
        for text, tree in self.entities.items():
            known = json.loads(text)
            shared = known.keys() & representation.keys()
            if all(known[name] == representation[name] for name in shared) and shared in (
                known.keys(),
                representation.keys(),
            ):
                return tree
        raise NotRecorded(f"no entity {canonical(representation)}")


class RecordedSubgraph:
    """Answers GraphQL requests from recorded values."""

    def __init__(self, schema: GraphQLSchema, answers: Answers) -> None:
        self._schema = schema
        self._answers = answers

    def answer(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """The response to a request body that is valid against the subgraph's schema."""
        problems = validate(self._schema, parse(request["query"]))
        if problems:
            raise AssertionError(f"{problems[0].message} in {request['query']}")
        return _Execution(self._schema, self._answers, request).run()


class _Execution:
    def __init__(self, schema: GraphQLSchema, answers: Answers, request: Mapping[str, Json]) -> None:
        document = parse(request["query"])
        self._schema = schema
        self._answers = answers
        self._variables: Mapping[str, Json] = request.get("variables") or {}
        self._fragments = {
            item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)
        }
        self._operation = next(item for item in document.definitions if isinstance(item, OperationDefinitionNode))
        self._errors: list[Json] = []
        self._defaults = {
            item.variable.name.value: value_from_ast_untyped(item.default_value)
            for item in self._operation.variable_definitions or ()
            if item.default_value is not None
        }

    def run(self) -> dict[str, Json]:
        data: dict[str, Json] = {}
        kind = self._operation.operation.value
        for node in self._fields(self._operation.selection_set, None):
            key = response_key(node)
            if node.name.value == "_entities":
                data[key] = self._entities(node, [key])
            elif node.name.value == "__typename":
                data[key] = kind.title()
            else:
                printed = printed_field(node, self._values())
                roots = self._answers.roots.get(kind, {})
                if printed not in roots:
                    raise NotRecorded(f"no root field {printed}")
                data[key] = merged(data.get(key), self._value(node, roots[printed], [key]))
        return {"data": data} | ({"errors": self._errors} if self._errors else {})

    def _values(self) -> dict[str, Json]:
        return {**self._defaults, **self._variables}

    def _entities(self, node: FieldNode, path: list[Json]) -> list[Json]:
        argument = next(item for item in node.arguments or () if item.name.value == "representations")
        representations = value_from_ast_untyped(argument.value, self._values())
        return [self._value(node, self._answers.entity(each), [*path, at]) for at, each in enumerate(representations)]

    def _value(self, node: FieldNode, tree: Json, path: list[Json]) -> Json:
        if isinstance(tree, dict) and FAULT in tree:
            self._errors.append({"message": tree[FAULT], "path": path})
            return None
        if isinstance(tree, list):
            return [self._value(node, item, [*path, at]) for at, item in enumerate(tree)]
        if node.selection_set is None or tree is None:
            return tree
        result: dict[str, Json] = {}
        for selected in self._fields(node.selection_set, tree["__typename"]):
            key = response_key(selected)
            printed = printed_field(selected, self._values())
            if printed not in tree:
                raise NotRecorded(f"{tree['__typename']} has no {printed} at {path}")
            result[key] = merged(result.get(key), self._value(selected, tree[printed], [*path, key]))
        return result

    def _fields(self, selections: SelectionSetNode, type_name: str | None) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not included(node, self._values()):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                definition = self._fragments[node.name.value]
                if self._applies(definition.type_condition.name.value, type_name):
                    yield from self._fields(definition.selection_set, type_name)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else None
                if condition is None or self._applies(condition, type_name):
                    yield from self._fields(node.selection_set, type_name)

    def _applies(self, condition: str, type_name: str | None) -> bool:
        if type_name is None or condition == type_name:
            return True
        known = self._schema.type_map.get(condition)
        return is_abstract_type(known) and type_name in {item.name for item in self._schema.get_possible_types(known)}


def canonical(value: Json) -> str:
    """JSON that is equal for equal values."""
    return json.dumps(value, sort_keys=True)


def response_key(node: FieldNode) -> str:
    """The key of a field in the response."""
    return node.alias.value if node.alias else node.name.value


def printed_field(node: FieldNode, variables: dict[str, Json]) -> str:
    """A field with its argument values."""
    arguments = {item.name.value: value_from_ast_untyped(item.value, variables) for item in node.arguments or ()}
    return f"{node.name.value}{canonical(arguments) if arguments else ''}"


def included(node: Any, variables: dict[str, Json]) -> bool:
    """What `@include` and `@skip` say."""
    for directive in node.directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is not None:
            value = value_from_ast_untyped(directive.arguments[0].value, variables)
            if bool(value) is not wanted:
                return False
    return True


def merged(left: Json, right: Json) -> Json:
    """Two answers to one response key."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left | {key: merged(left.get(key), value) for key, value in right.items()}
    if isinstance(left, list) and isinstance(right, list):
        return [merged(a, b) for a, b in zip(left, right, strict=True)]
    return right if left is None else left
