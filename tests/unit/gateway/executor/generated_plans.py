"""Random plans with random subgraph data, good and bad, for comparing the two executors.

A selection tree is drawn first; some of its object nodes get further fields from an entity fetch. Plan, documents,
projection and data all follow from the tree.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from typing import Any

from gateway.executor.ports import SubgraphCall, SubgraphFailure
from gateway.planner.nodes import (
    EntityEntry,
    Fetch,
    InputField,
    Items,
    Key,
    OnTypes,
    OperationKind,
    Parallel,
    Path,
    PlanNode,
    ProjectedField,
    Projection,
    QueryPlan,
    Representation,
    Sequence,
    TypeShape,
)

TYPES = ("A", "B", "C")
ENUM = frozenset({"RED", "BLUE"})


@dataclass(slots=True)
class Node:
    """One field of the tree; `types` empty for a leaf."""

    key: str
    nullable: tuple[bool, ...]
    types: tuple[str, ...] = ()
    only_on: frozenset[str] | None = None
    enum: bool = False
    condition: tuple[tuple[str, bool], ...] = ()
    children: list[Node] = field(default_factory=list)
    added: list[Node] = field(default_factory=list)  # fetched by an entity call
    composite_key: bool = False


class Draw:
    """Draws a tree from a seed."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.counter = 0

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def node(self, depth: int, parents: tuple[str, ...]) -> Node:
        self.counter += 1
        lists = self.rng.choice((0, 0, 1, 1, 2)) if self.chance(0.6) else 0
        node = Node(f"f{self.counter}", tuple(self.chance(0.7) for _ in range(lists + 1)))
        if self.chance(0.2):
            node.condition = ((self.rng.choice(("yes", "no")), self.chance(0.7)),)
        if len(parents) > 1 and self.chance(0.3):
            node.only_on = frozenset(self.rng.sample(parents, self.rng.randint(1, len(parents))))
        if depth > 0 and self.chance(0.6):
            node.types = tuple(sorted(self.rng.sample(TYPES, self.rng.randint(1, 3))))
            node.children = [self.node(depth - 1, node.types) for _ in range(self.rng.randint(1, 3))]
            node.composite_key = self.chance(0.2)
            if self.chance(0.6):
                node.added = [self.node(depth - 1, node.types) for _ in range(self.rng.randint(1, 2))]
        elif self.chance(0.2):
            node.enum = True
        return node


@dataclass(slots=True)
class Case:
    """A plan and the subgraphs behind it."""

    plan: QueryPlan
    variables: dict[str, Any]
    seed: int
    entries: dict[str, list[Node]]
    roots: list[Node]
    odd: float

    def answer(self, call: SubgraphCall, body: dict[str, Any]) -> Any:
        digest = hashlib.sha256(call.body + str(self.seed).encode()).digest()
        world = World(random.Random(digest), self.odd, str(self.seed))
        if world.rng.random() < self.odd:
            return world.rng.choice((SubgraphFailure("SUBGRAPH_DOWN", "no answer"), b"oops", {"data": []}))
        data: dict[str, Any] = {}
        representations = {k: v for k, v in body.get("variables", {}).items() if k.startswith("r")}
        if not representations:
            data = world.object(self.roots, "Query")
            names: list[list[Any]] = [[node.key] for node in self.roots]
        else:
            for variable, sent in representations.items():
                alias = "_e" + variable[1:]
                data[alias] = [world.entity(self.entries[alias], sample) for sample in sent]
            names = [[alias, i] for alias, items in data.items() for i in range(len(items))]
        errors = [
            {"message": f"broken {place}", "path": [*place, "f1"]} for place in names if world.rng.random() < self.odd
        ]
        return {"data": data, "errors": errors} if errors else {"data": data}


class World:
    """Makes data for selection nodes; `odd` is how often they break the rules."""

    def __init__(self, rng: random.Random, odd: float, salt: str) -> None:
        self.rng = rng
        self.odd = odd
        self.salt = salt

    def entity(self, nodes: list[Node], representation: dict[str, Any]) -> Any:
        own = random.Random(repr(representation) + self.salt)
        return World(own, self.odd, self.salt).maybe_odd(self.object(nodes, representation["__typename"]))

    def object(self, nodes: list[Node], typename: str) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for node in nodes:
            if node.only_on is None or typename in node.only_on:
                out[node.key] = self.value(node, 0)
        return out

    def maybe_odd(self, value: Any) -> Any:
        if self.rng.random() < self.odd:
            return self.rng.choice((None, "text", 7, [], {}, [None], {"__typename": "Z"}))
        return value

    def value(self, node: Node, level: int) -> Any:
        if node.nullable[level] and self.rng.random() < 0.1:
            return None
        if level < len(node.nullable) - 1:
            return self.maybe_odd([self.value(node, level + 1) for _ in range(self.rng.randint(0, 3))])
        if node.enum:
            return self.maybe_odd(self.rng.choice(sorted(ENUM)))
        if not node.types:
            return self.maybe_odd(self.rng.choice((1, "one", 2.5, True, "two")))
        typename = self.rng.choice(node.types)
        content = self.object(node.children, typename)
        identities: tuple[Any, ...] = ("1", "2", "3", 1, 2)
        identity = self.rng.choice(identities)
        key: Any = {"inner": [{"id": identity}]} if node.composite_key else identity
        return self.maybe_odd({"__typename": typename, "id": self.maybe_odd(key), **content})


def draw_case(seed: int, *, odd: float) -> Case:
    """The case of a seed; `odd` is the probability of each rule being broken by each value."""
    draw = Draw(random.Random(seed))
    roots = [draw.node(3, ("Query",)) for _ in range(draw.rng.randint(1, 3))]
    twins = [node for node in roots if node.types]
    if twins and draw.chance(0.5):
        first = twins[0]
        roots.append(Node("twin", first.nullable, first.types, None, False, (), first.children, first.added))
        roots[-1].composite_key = first.composite_key
    planner = _Plan(roots, draw)
    projection = Projection(tuple(_projected(node) for node in roots), "Query")
    variables = {"yes": True, "no": False}
    plan = QueryPlan(OperationKind.QUERY, planner.node(), projection)
    return Case(plan, variables, seed, planner.by_alias, roots, odd)


class _Plan:
    """Waves of fetches for a tree: the root fetch, then entity fetches level by level."""

    def __init__(self, roots: list[Node], draw: Draw) -> None:
        self._draw = draw
        self.by_alias: dict[str, list[Node]] = {}
        self._waves: list[list[PlanNode]] = [[Fetch(0, "root", OperationKind.QUERY, "{" + _selection(roots) + "}")]]
        self._seen: dict[int, list[Path]] = {}
        self._order: list[tuple[Node, int]] = []
        for root in roots:
            self._visit(root, (), 1)
        self._emit()

    def _visit(self, node: Node, parent: Path, wave: int) -> None:
        if not node.types:
            return
        guard = (OnTypes(node.only_on),) if node.only_on is not None and parent else ()
        path: Path = (*parent, *guard, Key(node.key), *(Items() for _ in node.nullable[1:]))
        for child in node.children:
            self._visit(child, path, wave)
        if node.added:
            shared = id(node.added)
            if shared in self._seen:
                self._seen[shared].append(path)
                if self._draw.chance(0.5):
                    return  # what lies deeper is completed under the first path alone: nothing there may be shared
            else:
                self._seen[shared] = [path]
                self._order.append((node, wave))
            for child in node.added:
                self._visit(child, path, wave + 1)

    def _emit(self) -> None:
        pending: dict[int, list[tuple[EntityEntry, list[Node]]]] = {}
        for number, (node, wave) in enumerate(self._order):
            alias = f"_e{number}"
            entry = EntityEntry(alias, f"r{number}", tuple(self._seen[id(node.added)]), _shapes(node, self._draw))
            self.by_alias[alias] = node.added
            pending.setdefault(wave, []).append((entry, node.added))
        for wave in sorted(pending):
            self._waves.append(self._fetches(pending[wave]))

    def _fetches(self, entries: list[tuple[EntityEntry, list[Node]]]) -> list[PlanNode]:
        if self._draw.chance(0.5):
            return [_entity_fetch(entries)]
        return [_entity_fetch([one]) for one in entries]

    def node(self) -> PlanNode:
        return Sequence(tuple(wave[0] if len(wave) == 1 else Parallel(tuple(wave)) for wave in self._waves))


def _shapes(node: Node, draw: Draw) -> tuple[Representation, ...]:
    inner = (InputField("inner", "inner", (InputField("id", "id"),)),) if node.composite_key else ()
    fields = (InputField("id", "id", inner, nullable=draw.chance(0.2)),)
    if draw.chance(0.3):
        return tuple(Representation(frozenset({name}), None, fields) for name in node.types)
    if len(node.types) == 1 and draw.chance(0.5):
        return (Representation(None, node.types[0] if draw.chance(0.5) else None, fields),)
    typename = "Interface" if draw.chance(0.1) else None
    return (Representation(frozenset(node.types), typename, fields),)


def _entity_fetch(entries: list[tuple[EntityEntry, list[Node]]]) -> Fetch:
    parts = [f"{e.alias}: _entities(representations: ${e.variable}) {{ {_selection(nodes)} }}" for e, nodes in entries]
    variables = ", ".join(f"${entry.variable}: [_Any!]!" for entry, _ in entries)
    document = f"query({variables}) {{ {' '.join(parts)} }}"
    return Fetch(1, "entities", OperationKind.QUERY, document, (), tuple(entry for entry, _ in entries))


def _selection(nodes: list[Node]) -> str:
    parts = []
    for node in nodes:
        inner = f" {{ __typename id {_selection(node.children)} }}" if node.types else ""
        text = node.key + inner
        parts.append(text if node.only_on is None else " ".join(f"... on {t} {{ {text} }}" for t in node.only_on))
    return " ".join(parts)


def _projected(node: Node) -> ProjectedField:
    children = None
    if node.types:
        nested = node.children + node.added
        fields = tuple(_projected(child) for child in nested)
        typename = ProjectedField("kind", "__typename", TypeShape((False,)), typename=True)
        children = Projection((typename, *fields), node.types[0] if len(node.types) == 1 else None)
    return ProjectedField(
        f"{node.key}_out",
        node.key,
        TypeShape(node.nullable),
        types=node.only_on,
        conditions=node.condition,
        enum_values=ENUM if node.enum else None,
        children=children,
        possible_types=frozenset(node.types) or None,
        field_name=f"T.{node.key}",
    )
