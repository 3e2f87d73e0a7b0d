"""Owns random operations on a schema: arguments, variables, aliases, fragments, conditions, abstract types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
)

VARIABLES = {
    "n": "Int",
    "m": "Int = 3",
    "need": "Int!",
    "color": "Color",
    "filter": "Filter",
    "ids": "[ID!]",
    "yes": "Boolean!",
    "no": "Boolean! = false",
    "maybe": "Boolean = true",
}
GIVEN: dict[str, list[Any]] = {
    "n": [2, None],
    "m": [1, None],
    "need": [5],
    "color": ["RED", "BLUE", None],
    "filter": [{"n": 1}, {"color": "GREEN", "inner": {"many": [1, 2]}}, {}, None],
    "ids": [["a", "b"], [], "c", None],
    "no": [True, False],
    "maybe": [True, False],
}
MOST_FIELDS = 40
MOST_NESTED = 5  # fragments around a field, all levels together


@dataclass
class Node:
    """One selection of an operation; `below` is None for leaves and spreads, `spread` the fragment that is meant."""

    head: str
    below: list[Node] | None = None
    spread: str = ""

    def text(self) -> str:
        if self.below is None:
            return self.head
        return f"{self.head} {{ {' '.join(node.text() for node in self.below)} }}"

    def spreads(self) -> Iterator[str]:
        if self.spread:
            yield self.spread
        for node in self.below or ():
            yield from node.spreads()


@dataclass
class Fragment:
    """A named fragment."""

    on: str
    selections: list[Node]


@dataclass
class RandomOperation:
    """An operation that can be printed and cut down, with the variables that a client gives."""

    kind: str
    selections: list[Node]
    fragments: dict[str, Fragment] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The document; what its selections do not use is left out."""
        fragments = self.used_fragments()
        bodies = ["{ " + " ".join(node.text() for node in self.selections) + " }"]
        for name, fragment in fragments.items():
            inner = " ".join(node.text() for node in fragment.selections)
            bodies.append(f"fragment {name} on {fragment.on} {{ {inner} }}")
        used = [f"${name}: {type_}" for name, type_ in VARIABLES.items() if _uses(bodies, name)]
        declared = f"({', '.join(used)})" if used else ""
        return f"{self.kind} {declared}{' '.join(bodies)}"

    def document(self) -> DocumentNode:
        """The document, parsed."""
        return _parsed(self.text())

    @property
    def is_ordered(self) -> bool:
        """Whether the document alone says in which order the keys of an answer stand; no variable moves one."""
        return "(if: $" not in self.text()

    def variables(self) -> dict[str, Any]:
        """The given values of the variables that the document declares."""
        text = self.text()
        return {name: value for name, value in self.given.items() if _uses([text], name)}

    def used_fragments(self) -> dict[str, Fragment]:
        found: dict[str, Fragment] = {}
        waiting = [name for node in self.selections for name in node.spreads()]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.fragments[name]
                waiting += [inner for node in found[name].selections for inner in node.spreads()]
        return found


def random_operation(schema: GraphQLSchema, seed: int) -> RandomOperation:
    """An operation on the schema; most are valid, aliases that collide are not."""
    draw = Random(seed)
    mutates = schema.mutation_type is not None and draw.randrange(5) == 0
    root = schema.mutation_type if mutates else schema.query_type
    assert root is not None
    writer = _Writer(schema, draw)
    selections = writer.root(root) if mutates else writer.selections(root, draw.randint(2, 4))
    given = {name: draw.choice(values) for name, values in GIVEN.items() if draw.randrange(100) < 70}
    given |= {"need": 5, "yes": draw.randrange(4) > 0}
    return RandomOperation("mutation" if mutates else "query", selections, writer.fragments, given)


class _Writer:
    def __init__(self, schema: GraphQLSchema, draw: Random) -> None:
        self._schema = schema
        self._draw = draw
        self._aliases = 0
        self._fields = 0
        self._nested = 0
        self.fragments: dict[str, Fragment] = {}

    def root(self, type_: GraphQLObjectType) -> list[Node]:
        """Mutation fields, some of them several times, in an order that counts."""
        nodes: list[Node] = []
        for _ in range(self._draw.randint(1, 3)):
            nodes += self._field(type_, self._draw.choice(list(type_.fields)), 2, always_alias=bool(nodes))
        return nodes

    def selections(self, type_: GraphQLNamedType, depth: int) -> list[Node]:
        nodes: list[Node] = []
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            nodes += self._fields_of(type_, depth)
        if self._nested < MOST_NESTED and type_ is not self._schema.mutation_type:
            self._nested += 1
            if is_abstract_type(type_):
                nodes += self._members(type_, depth, at_least=0 if nodes else 1)
                nodes += self._colliding(type_) if self._chance(25) else []
            nodes += self._fragments(type_, depth)
            self._nested -= 1
        if not nodes or self._chance(25):
            self._aliases += 1
            alias = f"t{self._aliases}: " if self._chance(30) else ""
            nodes.append(Node(f"{alias}__typename{self._condition()}"))
        self._draw.shuffle(nodes)
        return nodes

    def _fields_of(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> list[Node]:
        deep = depth > 0 and self._fields < MOST_FIELDS
        names = [name for name in type_.fields if deep or is_leaf_type(get_named_type(type_.fields[name].type))]
        nodes: list[Node] = []
        for name in self._draw.sample(names, min(len(names), self._draw.randint(1, 4))):
            nodes += self._field(type_, name, depth)
        return nodes

    def _members(self, type_: GraphQLNamedType, depth: int, at_least: int) -> list[Node]:
        assert is_abstract_type(type_)
        members = list(self._schema.get_possible_types(type_))
        chosen = self._draw.sample(members, self._draw.randint(min(at_least, len(members)), len(members)))
        return [Node(f"... on {each.name}{self._condition()}", self.selections(each, depth)) for each in chosen]

    def _fragments(self, type_: GraphQLNamedType, depth: int) -> list[Node]:
        """Fragments on the type itself, on types that overlap with it, and named ones, some of them met before."""
        nodes: list[Node] = []
        if self._chance(12):
            nodes.append(Node(f"...{self._condition()}", self.selections(type_, max(depth - 1, 0))))
        others = [each for each in self._overlapping(type_) if is_abstract_type(each)]
        if others and self._chance(20):
            other = self._draw.choice(others)
            nodes.append(Node(f"... on {other.name}{self._condition()}", self.selections(other, max(depth - 1, 0))))
        if self._chance(15):
            nodes.append(self._named(type_, depth))
        return nodes

    def _named(self, type_: GraphQLNamedType, depth: int) -> Node:
        known = [name for name, each in self.fragments.items() if each.on == type_.name and each.selections]
        if not known or self._chance(50):
            name = f"F{len(self.fragments)}"
            fragment = self.fragments[name] = Fragment(type_.name, [])
            fragment.selections = self.selections(type_, max(depth - 1, 0))
            known = [name]
        name = self._draw.choice(known)
        return Node(f"...{name}{self._condition()}", spread=name)

    def _overlapping(self, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
        own = self._possible(type_)
        return [
            each
            for name, each in self._schema.type_map.items()
            if is_composite_type(each)
            and each is not type_
            and not name.startswith("__")
            and own & self._possible(each)
        ]

    def _possible(self, type_: GraphQLNamedType) -> set[str]:
        if is_abstract_type(type_):
            return {each.name for each in self._schema.get_possible_types(type_)}
        return {type_.name}

    def _colliding(self, type_: GraphQLNamedType) -> list[Node]:
        """One response name for fields of the same form in types that exclude each other."""
        assert is_abstract_type(type_)
        members = list(self._schema.get_possible_types(type_))
        if len(members) < 2:
            return []
        one, other = self._draw.sample(members, 2)
        pairs = [(a, b) for a in one.fields for b in other.fields if _alike(one.fields[a], other.fields[b])]
        if not pairs:
            return []
        self._aliases += 1
        nodes: list[Node] = []
        for member, name in zip((one, other), self._draw.choice(pairs), strict=True):
            inner = get_named_type(member.fields[name].type)
            below = None if is_leaf_type(inner) else self.selections(inner, 0)
            head = f"x{self._aliases}: {name}{self._arguments(member.fields[name])}"
            nodes.append(Node(f"... on {member.name}", [Node(head, below)]))
        return nodes

    def _field(
        self, type_: GraphQLObjectType | GraphQLInterfaceType, name: str, depth: int, *, always_alias: bool = False
    ) -> list[Node]:
        field_ = type_.fields[name]
        inner = get_named_type(field_.type)
        head = name
        nodes: list[Node] = []
        for _ in range(2 if self._chance(12) else 1):
            self._fields += 1
            if always_alias or nodes or self._chance(75 if field_.args else 15):
                self._aliases += 1
                head = f"a{self._aliases}: {name}"
            head += self._arguments(field_)
            leaf = is_leaf_type(inner)
            nodes.append(Node(head + self._condition(), None if leaf else self.selections(inner, depth - 1)))
            if not leaf and self._chance(8) and type_ is not self._schema.mutation_type:
                nodes.append(Node(head + self._condition(), self.selections(inner, 0)))
        return nodes

    def _arguments(self, field_: GraphQLField) -> str:
        printed: list[str] = []
        for name, argument in field_.args.items():
            if is_required_argument(argument) or self._chance(60):
                printed.append(f"{name}: {self._input(argument.type)}")
        return f"({', '.join(printed)})" if printed else ""

    def _input(self, type_: GraphQLInputType) -> str:
        """A variable of that type, or a literal."""
        fitting = [name for name, declared in VARIABLES.items() if declared.split(" =")[0] == str(type_)]
        if fitting and self._chance(40):
            return f"${self._draw.choice(fitting)}"
        if not isinstance(type_, GraphQLNonNull) and self._chance(10):
            return "null"
        return self._literal(type_)

    def _literal(self, type_: GraphQLInputType) -> str:
        inner = get_nullable_type(type_)
        if isinstance(inner, GraphQLList):
            return f"[{', '.join(self._input(inner.of_type) for _ in range(self._draw.randrange(3)))}]"
        if isinstance(inner, GraphQLEnumType):
            return str(self._draw.choice(list(inner.values)))
        if isinstance(inner, GraphQLInputObjectType):
            fields = [
                f"{name}: {self._input(each.type)}"
                for name, each in inner.fields.items()
                if is_required_input_field(each) or self._chance(30)
            ]
            return f"{{{', '.join(fields)}}}"
        literals = {"Int": ["1", "2"], "Float": ["1.5"], "Boolean": ["true"]}
        return self._draw.choice(literals.get(str(inner), ['"x"', '"y"']))

    def _condition(self) -> str:
        if not self._chance(12):
            return ""
        directives = self._draw.choice([["include"], ["skip"], ["include", "skip"]])
        return "".join(
            f" @{name}(if: {self._draw.choice(['$yes', '$no', '$maybe', 'true', 'false'])})" for name in directives
        )

    def _chance(self, percent: int) -> bool:
        return self._draw.randrange(100) < percent


@lru_cache(maxsize=64)
def _parsed(text: str) -> DocumentNode:
    return parse(text, no_location=True)


def _alike(one: GraphQLField, other: GraphQLField) -> bool:
    """Whether two fields may stand under one name: equal leaves, or objects in equal lists."""
    first, second = get_named_type(one.type), get_named_type(other.type)
    if is_leaf_type(first) or is_leaf_type(second):
        return str(one.type) == str(other.type)
    return str(one.type).replace(first.name, "") == str(other.type).replace(second.name, "")


def _uses(texts: list[str], variable: str) -> bool:
    return any(re.search(rf"\${variable}\b", text) for text in texts)
