"""Owns the query graph: nodes are types as subgraphs know them, edges are the ways from one to another.

A node is (type, subgraph, what `@provides` makes available there, contexts set above). Nodes and edges are made when
first asked for and kept, so a graph of thousands of types costs what is used of it. Invariant: an edge exists only if
the subgraph really resolves it; its conditions (`@requires` selection, contextual arguments, key) stand on the edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.graph.selection import Field, SelectionSet, merge, parse_field_set
from gateway.supergraph.model import ContextArgument, SubgraphField, SubgraphType, Supergraph, TypeKind

Contexts = frozenset[str]
NO_CONTEXTS: Contexts = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class FieldEdge:
    """Resolves a field in one subgraph. `target` is None for leaves; `type` is the field's type there.

    `needs`: what must be at hand before the field can be asked for (`requires`, `contexts`), as text; None: nothing.
    """

    name: str
    type: str
    target: Node | None
    requires: SelectionSet | None = None
    contexts: tuple[ContextArgument, ...] = ()
    needs: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EntityEdge:
    """Enters a subgraph through `_entities` with a key, or through its root type when there is no key.

    `typename`: what representations call the type there (an interface's name towards an interface object).
    """

    target: Node
    key: SelectionSet | None
    typename: str


class Node:
    """A type in a subgraph, seen through one set of provided fields, below objects that set `contexts`.

    `sets`: contexts that every object here sets itself; `contexts_below` are those for objects that its fields lead to.
    """

    __slots__ = (
        "_edges", "_entries", "_graph", "_narrowed", "contexts", "contexts_below", "provided", "sets", "subgraph",
        "table", "type_name",
    )  # fmt: skip

    def __init__(
        self,
        graph: Graph,
        table: SubgraphType,
        subgraph: str,
        provided: SelectionSet | None,
        contexts: Contexts = NO_CONTEXTS,
    ) -> None:
        self._graph = graph
        self.table = table
        self.type_name = table.name
        self.subgraph = subgraph
        self.provided = provided
        self.contexts = contexts
        self.sets, self.contexts_below = graph.contexts_of(table, contexts)
        self._edges: dict[str, FieldEdge | None] = {}
        self._narrowed: dict[str, Node | None] = {}
        self._entries: tuple[EntityEdge, ...] | None = None

    def __repr__(self) -> str:
        provided = f" providing {self.provided.text}" if self.provided else ""
        below = f" below {', '.join(sorted(self.contexts))}" if self.contexts else ""
        return f"{self.type_name}/{self.subgraph}{provided}{below}"

    @property
    def possible(self) -> frozenset[str]:
        """Concrete types that an object here may have, as far as the subgraph tells."""
        return self.table.possible

    @property
    def is_interface_object(self) -> bool:
        """Whether the subgraph takes an interface of the supergraph for an object type."""
        return self.table.interface_object

    @property
    def is_abstract(self) -> bool:
        """Whether objects here have a concrete type of their own (`__typename` tells which)."""
        return self.table.kind is not TypeKind.OBJECT and not self.table.interface_object

    def field(self, name: str) -> FieldEdge | None:
        """The edge of a field, None where the subgraph does not resolve it.

        On an abstract type there is an edge only when every concrete type resolves the field without a requirement.
        """
        if name not in self._edges:
            self._edges[name] = self._graph.edge(self, name)
        return self._edges[name]

    def narrow(self, type_name: str) -> Node | None:
        """The concrete type among those possible here, None if it cannot occur."""
        if type_name == self.type_name:
            return self
        if type_name not in self._narrowed:
            self._narrowed[type_name] = self._graph.narrow(self, type_name)
        return self._narrowed[type_name]

    def entries(self) -> tuple[EntityEdge, ...]:
        """Every way to leave an object here for another entry, the same subgraph included."""
        if self._entries is None:
            self._entries = self._graph.entries(self.type_name, self.contexts)
        return self._entries


class Graph:
    """The query graph of a supergraph under one set of active override labels."""

    def __init__(self, supergraph: Supergraph, active_labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self._labels = active_labels
        self._nodes: dict[tuple[str, str, str, Contexts], Node] = {}
        self._entries: dict[tuple[str, Contexts], tuple[EntityEdge, ...]] = {}
        self._interface_objects = self._find_interface_objects()

    def node(
        self, type_name: str, subgraph: str, provided: SelectionSet | None = None, contexts: Contexts = NO_CONTEXTS
    ) -> Node | None:
        """The node of a type in a subgraph, None if the subgraph does not know the type."""
        slot = (type_name, subgraph, provided.text if provided else "", contexts)
        found = self._nodes.get(slot)
        if found is None:
            table = self.supergraph.subgraphs[subgraph].types.get(type_name)
            if table is None or table.kind is TypeKind.ENUM:
                return None
            found = self._nodes[slot] = Node(self, table, subgraph, provided or None, contexts)
        return found

    def start(self, type_name: str) -> Node:
        """Where an operation starts: outside every subgraph, from where only the roots can be entered."""
        slot = (type_name, "", "", NO_CONTEXTS)
        if slot not in self._nodes:
            table = SubgraphType(name=type_name, kind=TypeKind.OBJECT, possible=frozenset({type_name}))
            self._nodes[slot] = Node(self, table, "", None)
        return self._nodes[slot]

    def nodes(self) -> Iterator[Node]:
        """All nodes made so far."""
        return iter(tuple(self._nodes.values()))

    def roots(self, type_name: str) -> tuple[EntityEdge, ...]:
        """The entries of an operation: one for each subgraph that has the root type."""
        return tuple(edge for edge in self.entries(type_name) if edge.key is None)

    def edge(self, node: Node, name: str) -> FieldEdge | None:
        """Finds a field's edge; `Node.field` keeps it."""
        declared = node.table.fields.get(name)
        if declared is None:
            return None
        if node.is_abstract:
            return self._abstract_edge(node, name, declared)
        provided = _provided_field(node.provided, name)
        if provided is None and not self._is_resolved(declared, node.contexts):
            return None
        return self._edge_to(node, declared, provided, waits=provided is None)

    def _abstract_edge(self, node: Node, name: str, declared: SubgraphField) -> FieldEdge | None:
        concrete = [node.narrow(type_name) for type_name in sorted(node.possible)]
        edges = [each.field(name) for each in concrete if each is not None]
        if any(edge is None or edge.needs is not None for edge in edges):
            return None
        if len({edge.target.contexts for edge in edges if edge is not None and edge.target is not None}) > 1:
            return None  # what is set above the target depends on the type, so each type goes its own way
        shared = _shared_provision([edge.target for edge in edges if edge is not None])
        return self._edge_to(node, declared, shared or _provided_field(node.provided, name), waits=False)

    def _is_resolved(self, declared: SubgraphField, contexts: Contexts) -> bool:
        if declared.external or any(argument.context not in contexts for argument in declared.context_arguments):
            return False
        return declared.label is None or (declared.label in self._labels) == declared.label_active

    def _edge_to(self, node: Node, declared: SubgraphField, provided: Field | None, *, waits: bool) -> FieldEdge:
        below = provided.selections if provided is not None else None
        if declared.provides is not None:
            below = merge(below, parse_field_set(declared.provides))
        target = self.node(_named_type(declared.type), node.subgraph, below, node.contexts_below)
        if not waits or (declared.requires is None and not declared.context_arguments):
            return FieldEdge(declared.name, declared.type, target)
        requires = None if declared.requires is None else parse_field_set(declared.requires)
        drawn = [f"${item.context} {item.selection}: {item.type}" for item in declared.context_arguments]
        needs = " ".join([requires.text if requires is not None else "", *sorted(set(drawn))])
        return FieldEdge(declared.name, declared.type, target, requires, declared.context_arguments, needs)

    def narrow(self, node: Node, type_name: str) -> Node | None:
        """The node of one concrete type, with what is provided for it."""
        if type_name not in node.possible:
            return None
        return self.node(type_name, node.subgraph, self._provided_on(node.provided, type_name), node.contexts)

    def _provided_on(self, provided: SelectionSet | None, type_name: str) -> SelectionSet | None:
        if provided is None:
            return None
        result: SelectionSet | None = None
        for item in provided:
            if isinstance(item, Field):
                result = merge(result, SelectionSet([item]))
            elif item.type_name == type_name or type_name in self.supergraph.possible.get(item.type_name, ()):
                result = merge(result, self._provided_on(item.selections, type_name))
        return result

    def entries(self, type_name: str, contexts: Contexts = NO_CONTEXTS) -> tuple[EntityEdge, ...]:
        """Entries for objects of a type: by its own keys, and by the keys of its interface objects."""
        slot = (type_name, contexts)
        if slot not in self._entries:
            self._entries[slot] = tuple(self._find_entries(type_name, contexts))
        return self._entries[slot]

    def contexts_of(self, table: SubgraphType, above: Contexts) -> tuple[Contexts, Contexts]:
        """The contexts that every object of a type sets, and those for what its fields lead to.

        The nearest object that sets a context counts: one that only some of the possible types set has no known place.
        """
        if not self.supergraph.contexts:
            return NO_CONTEXTS, NO_CONTEXTS
        possible = self.supergraph.possible.get(table.name, NO_CONTEXTS) if table.interface_object else table.possible
        each = [self.supergraph.contexts.get(name, NO_CONTEXTS) for name in possible]
        sets = frozenset.intersection(*each) if each else NO_CONTEXTS
        return sets, (above - frozenset().union(*each)) | sets

    def _find_entries(self, type_name: str, contexts: Contexts) -> Iterator[EntityEdge]:
        roots = self.supergraph.roots
        is_root = type_name in (roots.query, roots.mutation, roots.subscription)
        for subgraph in self.supergraph.subgraphs:
            node = self.node(type_name, subgraph, None, contexts)
            if node is not None and is_root:
                yield EntityEdge(target=node, key=None, typename=type_name)
            elif node is not None:
                yield from _keyed_entries(node)
            else:
                for interface in self._interface_objects.get(subgraph, ()):
                    if type_name in self.supergraph.possible.get(interface, ()):
                        known_as = self.node(interface, subgraph, None, contexts)
                        if known_as is not None:
                            yield from _keyed_entries(known_as)

    def _find_interface_objects(self) -> Mapping[str, tuple[str, ...]]:
        return {
            subgraph.id: tuple(table.name for table in subgraph.types.values() if table.interface_object)
            for subgraph in self.supergraph.subgraphs.values()
        }


def _keyed_entries(node: Node) -> Iterator[EntityEdge]:
    for key in node.table.keys:
        if key.resolvable:
            yield EntityEdge(target=node, key=parse_field_set(key.fields), typename=node.type_name)


def _provided_field(provided: SelectionSet | None, name: str) -> Field | None:
    for item in provided or ():
        if isinstance(item, Field) and item.name == name:
            return item
    return None


def _shared_provision(targets: list[Node | None]) -> Field | None:
    """What all concrete types provide below a field, if they agree; else nothing may be relied on."""
    provisions = {target.provided.text: target.provided for target in targets if target and target.provided}
    if len(provisions) != 1 or any(target is None or target.provided is None for target in targets):
        return None
    return Field("_", "_", selections=next(iter(provisions.values())))


def _named_type(printed: str) -> str:
    return printed.replace("[", "").replace("]", "").replace("!", "")
