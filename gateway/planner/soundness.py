"""Owns the static check of a plan: run on shapes instead of data, does it yield what the operation asks for?

Replays the plan's documents on types: what each fetch adds, whether its representations can be built from what is
there by then, and whether the projection finds every selected field for every type that can occur. Independent of the
stages that made the plan; for tests, since a finding is a bug of the planner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from graphql import (
    FieldNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    parse,
)

from gateway.graph.conditions import ALWAYS, NEVER, Condition, any_of, both, implies
from gateway.graph.selection import Field, SelectionSet, fields_on, print_arguments
from gateway.planner.context_soundness import ContextCheck
from gateway.planner.field_types import field_type
from gateway.planner.nodes import Condition as ConditionNode
from gateway.planner.nodes import (
    Defer,
    EntityEntry,
    Fetch,
    InputField,
    InputSelection,
    Items,
    Key,
    OnTypes,
    Parallel,
    Path,
    PlanNode,
    ProjectedField,
    Projection,
    QueryPlan,
    Sequence,
    Subscription,
)
from gateway.planner.normalise.read_conditions import read_condition
from gateway.planner.operation import Operation
from gateway.planner.parts import SPOT, is_within
from gateway.supergraph.model import SubgraphField, SubgraphType, Supergraph, TypeKind

Identity = tuple[str, str]


@dataclass(slots=True, eq=False)
class _Value:
    """A value under a key for objects of one type: what it is and when it is there."""

    identity: Identity
    condition: Condition
    shape: _Shape | None


@dataclass(slots=True, eq=False)
class _Shape:
    """What is known of the objects at one place. `types`: concrete types that may occur."""

    types: frozenset[str]
    values: dict[tuple[str, str], _Value] = field(default_factory=dict)

    def value(self, type_name: str, source: str) -> _Value | None:
        return self.values.get((type_name, source))


def check_soundness(supergraph: Supergraph, operation: Operation, plan: QueryPlan) -> list[str]:
    """What is wrong with a plan, in words; empty when nothing is."""
    findings: dict[str, None] = {}
    for part in ("", *(part.id for part in operation.deferred)):
        check = _Check(supergraph, operation, part)
        root = _Shape(frozenset({operation.root_type}))
        if plan.root is not None:
            check.node(plan.root, root, ALWAYS)
        check.covers(operation.selections, operation.root_type, plan.projection, root, ALWAYS, operation.root_type)
        findings.update(dict.fromkeys(check.findings))
    return list(findings)


class _Check:
    """Checks the answer up to one deferred part: with what was fetched for it and the parts around it, and no other."""

    def __init__(self, supergraph: Supergraph, operation: Operation, part: str) -> None:
        self._supergraph = supergraph
        self._parts = {each.id: each for each in operation.deferred if is_within(part, each.id)}
        self._by_service = {item.name: item for item in supergraph.subgraphs.values()}
        self._contexts: ContextCheck | None = None
        self.findings: list[str] = []

    # -- replaying ------------------------------------------------------------------------------------------

    def node(self, node: PlanNode, root: _Shape, condition: Condition) -> None:
        match node:
            case Fetch():
                self._fetch(node, root, condition)
            case Sequence(nodes) | Parallel(nodes):
                for each in nodes:
                    self.node(each, root, condition)
            case ConditionNode(variable, if_true, if_false):
                for value, branch in ((True, if_true), (False, if_false)):
                    if branch is not None:
                        self.node(branch, root, both(condition, frozenset({frozenset({(variable, value)})})))
            case Subscription(primary, rest):
                self._fetch(primary, root, condition)
                if rest is not None:
                    self.node(rest, root, condition)
            case Defer(primary_node, deferred):
                for part in (primary_node, *(item.node for item in deferred if item.id in self._parts)):
                    if part is not None:
                        self.node(part, root, condition)

    def _fetch(self, fetch: Fetch, root: _Shape, condition: Condition) -> None:
        definition = parse(fetch.document).definitions[0]
        assert isinstance(definition, OperationDefinitionNode)  # noqa: S101 - the planner printed it
        if not fetch.entries:
            for shape, types in self._at(root, fetch.path):
                for type_name in types:
                    self._select(definition.selection_set, type_name, fetch.service, shape, condition, types)
            return
        calls = {_response_key(node): node for node in _fields_of(definition.selection_set)}
        for entry in fetch.entries:
            self._contexts = ContextCheck(self._supergraph, entry, partial(self._at, root))
            self._entry(entry, calls[entry.alias], fetch, root, condition)
        self._contexts = None

    def _entry(self, entry: EntityEntry, call: FieldNode, fetch: Fetch, root: _Shape, condition: Condition) -> None:
        running = condition
        for variable, value in entry.skip_if:
            running = both(running, frozenset({frozenset({(variable, not value)})}))
        for path in entry.paths:
            for shape, types in self._at(root, path):
                for representation in entry.representations:
                    wanted = types if representation.types is None else types & representation.types
                    for type_name in sorted(wanted):
                        self._can_represent(representation.selections, shape, type_name, fetch)
                    for inner in call.selection_set.selections if call.selection_set else ():
                        if isinstance(inner, InlineFragmentNode) and inner.type_condition is not None:
                            entered = inner.type_condition.name.value
                            if representation.typename not in (None, entered):
                                continue
                            self._select(inner.selection_set, entered, fetch.service, shape, running, wanted)

    def _can_represent(
        self, selections: tuple[InputSelection, ...], shape: _Shape, type_name: str, fetch: Fetch
    ) -> None:
        for item in selections:
            if not isinstance(item, InputField):
                if type_name in item.types:
                    self._can_represent(item.selections, shape, type_name, fetch)
                continue
            value = shape.value(type_name, item.source)
            if item.name == "__typename":
                continue
            if value is None or value.identity[0] != item.name:
                self.findings.append(f"fetch {fetch.id} needs {type_name}.{item.name} in {item.source}, not fetched")
            elif item.selections and value.shape is not None:
                for below in sorted(value.shape.types):
                    self._can_represent(item.selections, value.shape, below, fetch)

    def _at(self, shape: _Shape, path: Path) -> Iterator[tuple[_Shape, frozenset[str]]]:
        """Shapes at a path with the types of objects that get there."""
        places = [(shape, shape.types)]
        for segment in path:
            if isinstance(segment, Items):
                continue
            if isinstance(segment, OnTypes):
                places = [(place, types & segment.names) for place, types in places]
            elif isinstance(segment, Key):
                places = [
                    (value.shape, value.shape.types)
                    for place, types in places
                    for value in _unique(place, types, segment.name)
                    if value.shape is not None
                ]
        yield from places

    def _select(
        self, node: SelectionSetNode, type_name: str, service: str, shape: _Shape, condition: Condition,
        types: frozenset[str],
    ) -> None:  # fmt: skip
        """Adds a selection on a type of a subgraph to what is known of objects of the given types."""
        known = self._by_service[service].types.get(type_name)
        if known is None:
            self.findings.append(f"{service} does not know {type_name}")
            return
        matching = types if known.interface_object else types & (known.possible or types)
        for item in node.selections:
            running = both(condition, read_condition(item.directives))
            if isinstance(item, InlineFragmentNode):
                inner = item.type_condition.name.value if item.type_condition else type_name
                self._select(item.selection_set, inner, service, shape, running, matching)
            elif isinstance(item, FieldNode) and item.name.value != "__typename":
                self._add(item, type_name, service, shape, running, matching)

    def _add(
        self, node: FieldNode, type_name: str, service: str, shape: _Shape, condition: Condition, types: frozenset[str]
    ) -> None:
        subgraph = self._by_service[service]
        declared = subgraph.types[type_name].fields.get(node.name.value)
        if declared is None:
            self.findings.append(f"{service} has no field {type_name}.{node.name.value}")
            return
        named = declared.type.translate({ord(sign): None for sign in "[]!"})
        target = subgraph.types.get(named)
        below: _Shape | None = None
        if node.selection_set is not None and target is not None and target.kind is not TypeKind.ENUM:
            possible = target.possible if not target.interface_object else self._supergraph.possible[named]
            below = _Shape(possible & self._agreed(named, node.name.value, types))
        source, identity = _response_key(node), (node.name.value, self._own_arguments(node, declared))
        for each in sorted(types):
            value = shape.value(each, source)
            if value is None:
                shape.values[each, source] = _Value(identity, condition, below)
                continue
            if value.identity != identity:
                self.findings.append(f"{each}.{source} is both {value.identity} and {identity}")
            value.condition = any_of((value.condition, condition))
            if value.shape is not None and below is not None:
                value.shape.types |= below.types
                below = value.shape
        if below is not None and node.selection_set is not None:
            for place in {id(value.shape): value.shape for value in _unique(shape, types, source)}.values():
                if place is not None:
                    self._select(node.selection_set, named, service, place, ALWAYS, place.types)

    def _own_arguments(self, node: FieldNode, declared: SubgraphField) -> str:
        """The client's part of the arguments; what comes from above is checked."""
        if not declared.context_arguments:
            return print_arguments(node)
        if self._contexts is None:
            self.findings.append(f"{declared.name} takes values from above but is not entered with a key")
            return print_arguments(node)
        self.findings += self._contexts.findings(node, declared)
        return self._contexts.arguments(node)

    def _agreed(self, named: str, field_name: str, types: frozenset[str]) -> frozenset[str]:
        """Concrete types that a field may lead to: where subgraphs share it, only what all of them know there."""
        possible = self._supergraph.possible[named]
        agreed = frozenset[str]()
        for each in types:
            tables = [subgraph.types for subgraph in self._by_service.values() if each in subgraph.types]
            sharing = [table[named] for table in tables if _resolves(table[each], field_name) and named in table]
            known = (each.possible for each in sharing if each.kind in (TypeKind.UNION, TypeKind.INTERFACE))
            agreed |= possible.intersection(*known)
        return agreed

    # -- covering -------------------------------------------------------------------------------------------

    def covers(
        self, selections: SelectionSet, type_name: str, projection: Projection, shape: _Shape, condition: Condition,
        where: str,
    ) -> None:  # fmt: skip
        """Whether every selected field is projected, and there whenever it has to be."""
        shown = self._supergraph.api_possible[type_name]
        for concrete in sorted(shown & shape.types):
            for selected in fields_on(selections, concrete, self._supergraph.api_possible):
                if selected.name == SPOT:
                    self._covers_part(selected, concrete, projection, shape, condition, where)
                    continue
                self._covers_field(selected, concrete, projection, shape, condition, f"{where}.{selected.response_key}")

    def _covers_part(
        self, selected: Field, type_name: str, projection: Projection, shape: _Shape, condition: Condition, where: str
    ) -> None:
        part = self._parts.get(selected.response_key)
        if part is None:
            return
        spots = [
            spot
            for spot in projection.spots
            if spot.part == part.id and (spot.types is None or type_name in spot.types)
        ]
        if not spots:
            self.findings.append(f"{where} has no place for part {part.id} on {type_name}")
            return
        wanted = both(condition, selected.condition)
        only = _Shape(frozenset({type_name}), shape.values)
        self.covers(part.selections, type_name, spots[0].projection, only, wanted, f"{where}({part.id})")

    def _covers_field(
        self, selected: Field, type_name: str, projection: Projection, shape: _Shape, condition: Condition, where: str
    ) -> None:
        projected = [item for item in projection.fields if _is_for(item, selected, type_name)]
        if not projected:
            self.findings.append(f"{where} is not projected for {type_name}")
            return
        if selected.name in ("__typename", "__schema", "__type"):
            return
        value = shape.value(type_name, projected[0].source)
        wanted = both(condition, selected.condition)
        if wanted == NEVER:  # conditions around a part contradict those in it
            return
        if value is None or value.identity != selected.identity:
            self.findings.append(f"{where} is not fetched for {type_name}")
        elif not implies(wanted, value.condition):
            self.findings.append(f"{where} is not fetched whenever {type_name} has it")
        elif selected.selections is not None and value.shape is not None:
            declared = field_type(self._supergraph.api_schema, type_name, selected.name)
            named = get_named_type(declared) if declared is not None else None
            if named is not None and is_composite_type(named) and projected[0].children is not None:
                self.covers(selected.selections, named.name, projected[0].children, value.shape, wanted, where)


def _is_for(projected: ProjectedField, selected: Field, type_name: str) -> bool:
    if projected.response_key != selected.response_key or projected.field_name != selected.name:
        return False
    return projected.types is None or type_name in projected.types


def _resolves(table: SubgraphType, field_name: str) -> bool:
    declared = table.fields.get(field_name)
    return declared is not None and not declared.external


def _unique(shape: _Shape, types: frozenset[str], source: str) -> list[_Value]:
    values: Mapping[int, _Value] = {
        id(value.shape): value for each in sorted(types) if (value := shape.value(each, source)) is not None
    }
    return list(values.values())


def _response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _fields_of(node: SelectionSetNode) -> Iterator[FieldNode]:
    for item in node.selections:
        if isinstance(item, FieldNode):
            yield item
