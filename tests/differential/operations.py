"""Owns random operations on a schema: fields with arguments, aliases, fragments, conditions, abstract types."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

VARIABLES = "($n: Int, $yes: Boolean!, $no: Boolean! = false)"


@dataclass
class Node:
    """One selection of an operation; `below` is None for leaves."""

    head: str
    below: list[Node] | None = None

    def text(self) -> str:
        if self.below is None:
            return self.head
        return f"{self.head} {{ {' '.join(node.text() for node in self.below)} }}"


@dataclass
class RandomOperation:
    """An operation that can be printed and cut down."""

    kind: str
    selections: list[Node]

    def text(self) -> str:
        """The document; variables that the selections do not use are not declared."""
        body = "{ " + " ".join(node.text() for node in self.selections) + " }"
        used = [
            item for item in VARIABLES.strip("()").split(", ") if item.split(":")[0] in body.replace("(n: $n)", "$n ")
        ]
        declared = f"({', '.join(used)})" if used else ""
        return f"{self.kind} {declared}{body}"


def random_operation(schema: GraphQLSchema, seed: int) -> RandomOperation:
    """An operation on the schema."""
    draw = Random(seed)
    if schema.mutation_type is not None and draw.randrange(6) == 0:
        return RandomOperation("mutation", _Writer(schema, draw).selections(schema.mutation_type, 3))
    assert schema.query_type is not None
    return RandomOperation("query", _Writer(schema, draw).selections(schema.query_type, draw.randint(2, 4)))


class _Writer:
    def __init__(self, schema: GraphQLSchema, draw: Random) -> None:
        self._schema = schema
        self._draw = draw
        self._aliases = 0

    def selections(self, type_: GraphQLNamedType, depth: int) -> list[Node]:
        nodes: list[Node] = []
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            names = [
                name for name in type_.fields if depth > 0 or is_leaf_type(get_named_type(type_.fields[name].type))
            ]
            for name in self._draw.sample(names, min(len(names), self._draw.randint(1, 4))):
                nodes += self._field(type_, name, depth)
        if is_abstract_type(type_):
            members = list(self._schema.get_possible_types(type_))
            for member in self._draw.sample(members, self._draw.randint(0 if nodes else 1, len(members))):
                nodes.append(Node(f"... on {member.name}{self._condition()}", self.selections(member, depth)))
        if isinstance(type_, GraphQLObjectType) and type_ is not self._schema.mutation_type and self._chance(15):
            nodes.append(Node(f"...{self._condition()}", self.selections(type_, max(depth - 1, 0))))
        interfaces = list(type_.interfaces) if isinstance(type_, GraphQLObjectType) else []
        if interfaces and self._chance(20):
            nodes.append(Node(f"... on {interfaces[0].name}", self.selections(interfaces[0], 0)))
        if not nodes or self._chance(25):
            nodes.append(Node(f"__typename{self._condition()}"))
        return nodes

    def _field(self, type_: GraphQLObjectType | GraphQLInterfaceType, name: str, depth: int) -> list[Node]:
        field = type_.fields[name]
        inner = get_named_type(field.type)
        head = name
        nodes: list[Node] = []
        for _ in range(2 if self._chance(12) else 1):
            if self._chance(15) or nodes:
                self._aliases += 1
                head = f"a{self._aliases}: {name}"
            arguments = self._arguments(field)
            below = None if is_leaf_type(inner) else self.selections(inner, depth - 1)
            condition = "" if type_ is self._schema.mutation_type else self._condition()
            nodes.append(Node(f"{head}{arguments}{condition}", below))
        return nodes

    def _arguments(self, field: GraphQLField) -> str:
        printed: list[str] = []
        for name, argument in field.args.items():
            if name == "n" and str(argument.type) == "Int":
                printed += self._draw.choice([[], ["n: 1"], ["n: 2"], ["n: $n"]])
            elif is_required_argument(argument) or self._chance(30):
                printed.append(f"{name}: {self._literal(argument.type)}")
        return f"({', '.join(printed)})" if printed else ""

    def _literal(self, type_: GraphQLInputType) -> str:
        """A literal of an input type."""
        inner = get_nullable_type(type_)
        if isinstance(inner, GraphQLList):
            return f"[{self._literal(inner.of_type)}]"
        if isinstance(inner, GraphQLEnumType):
            return str(self._draw.choice(list(inner.values)))
        if isinstance(inner, GraphQLInputObjectType):
            fields = [
                f"{name}: {self._literal(field.type)}"
                for name, field in inner.fields.items()
                if is_required_input_field(field)
            ]
            return f"{{{', '.join(fields)}}}"
        return {"Int": "1", "Float": "1.5", "Boolean": "true"}.get(str(inner), '"x"')

    def _condition(self) -> str:
        if not self._chance(12):
            return ""
        name = self._draw.choice(["include", "skip"])
        return f" @{name}(if: {self._draw.choice(['$yes', '$no', 'true', 'false'])})"

    def _chance(self, percent: int) -> bool:
        return self._draw.randrange(100) < percent
