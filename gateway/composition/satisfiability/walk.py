"""The walk over the API schema: which states there are, and what must hold in each.

A state is a type, the nodes of the query graph where an object of it may have been fetched (the options), and the
contexts set above. Invariant: a state with the options of a visited one, or more, is not visited again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.composition.satisfiability import reasons, runtime_types
from gateway.composition.satisfiability.key_closures import Nodes
from gateway.composition.satisfiability.reach import Reach
from gateway.composition.satisfiability.witness import Step, query
from gateway.graph.nodes import FieldEdge, Node
from gateway.language.schema import Kind, Schema, Type
from gateway.language.type_refs import named

_CALL_ONCE = ("mutation",)


@dataclass(frozen=True, slots=True)
class State:
    """`only`: the fields to look at, for types that clients cannot name but meet behind an interface."""

    type_name: str
    options: Nodes
    contexts: frozenset[str]
    step: Step | None
    only: frozenset[str] | None = None


@dataclass(slots=True)
class Findings:
    """Messages by code, each once."""

    errors: dict[str, str] = field(default_factory=dict)  # message -> code
    hints: dict[str, tuple[str, str]] = field(default_factory=dict)  # message -> code, coordinate


class Walk:
    """One operation kind under one set of active override labels."""

    def __init__(self, schema: Schema, reach: Reach, operation: str, findings: Findings) -> None:
        self.schema, self.reach, self.operation, self.findings = schema, reach, operation, findings
        self._visited: dict[tuple[str, frozenset[str], frozenset[str] | None], list[frozenset[Node]]] = {}
        self._names = {entry.id: entry.name for entry in reach.graph.supergraph.subgraphs.values()}
        self._contexts = _contexts_by_type(schema)

    def run(self, root: str) -> None:
        """Visits everything below an operation's root."""
        start = State(root, (self.reach.graph.start(root),), frozenset(), None)
        if self.operation in _CALL_ONCE:
            self._run_calls(start)
        else:
            self.visit(start)

    def visit(self, start: State) -> None:
        """Depth first, the last field first: narrow states tend to come early and make wider ones needless."""
        waiting = [start]
        while waiting:
            state = waiting.pop()
            if not self._is_new(state):
                continue
            owner = self.schema.types[state.type_name]
            following = self._concrete(state, owner) if owner.is_abstract else self._fields(state, owner)
            waiting += following

    def _is_new(self, state: State) -> bool:
        options = frozenset(state.options)
        seen = self._visited.setdefault((state.type_name, state.contexts, state.only), [])
        if any(other <= options for other in seen):
            return False
        seen.append(options)
        return True

    def _concrete(self, state: State, owner: Type) -> Iterator[State]:
        """The object types behind an abstract one."""
        for name in self.schema.possible(owner.name):
            options, lost = self.reach.narrow(state.options, name)
            hidden = self.schema.types[name].has("inaccessible")
            if not options:
                if not hidden and (lost or _is_settled(state, owner)):
                    self._refuse_narrowing(state, name)
                continue
            step = Step(state.step, name, None)
            only = frozenset(owner.fields) if hidden else None
            yield State(name, options, state.contexts, step, only)
        yield from self._fields(state, owner, interface_objects=True)

    def _fields(self, state: State, owner: Type, *, interface_objects: bool = False) -> Iterator[State]:
        """Where the fields of a type lead; of an interface only what its interface objects resolve."""
        below = state.contexts | self._contexts.get(owner.name, frozenset())
        options = state.options
        if interface_objects:
            options = tuple(option for option in options if option.is_interface_object)
        for entry in owner.fields.values() if options else ():
            if entry.has("inaccessible") or (state.only is not None and entry.name not in state.only):
                continue
            step = Step(state.step, owner.name, entry.name)
            edges = self._edges(options, entry.name, state.contexts)
            if not edges:
                if not interface_objects:
                    self._refuse(state, owner.name, entry.name, step)
                continue
            target = self.schema.types.get(named(entry.type))
            if target is None or not target.is_composite:
                continue
            self._compare_runtime_types(target, owner.name, entry.name, edges, step)
            reached = tuple(dict.fromkeys(edge.target for _, edge in edges if edge.target is not None))
            if reached:
                yield State(target.name, reached, below, step)

    def _edges(self, options: Nodes, name: str, contexts: frozenset[str]) -> list[tuple[Node, FieldEdge]]:
        found: dict[tuple[Node, FieldEdge], None] = {}
        for option in options:
            found |= dict.fromkeys(self.reach.ways(option, name, contexts))
        return list(found)

    def _compare_runtime_types(
        self, target: Type, type_name: str, name: str, edges: list[tuple[Node, FieldEdge]], step: Step
    ) -> None:
        disagreement = runtime_types.compare(edges) if target.is_abstract else None
        if disagreement is None:
            return
        listing = runtime_types.listing(disagreement, self._names)
        shown = f"In the query\n{query(self.schema, self.operation, step)}\nshared field"
        if disagreement.fatal:
            message = (
                f'{shown} "{type_name}.{name}" of type "{target.name}" has no object type common to the subgraphs that '
                f"resolve it:\n{listing}"
            )
            self.findings.errors[message] = "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"
        else:
            message = (
                f'{shown} "{type_name}.{name}" of type "{target.name}" has different object types in different '
                f"subgraphs; only common ones may be returned:\n{listing}"
            )
            code = "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN"
            self.findings.hints[message] = (code, f"{type_name}.{name}")

    def _refuse(self, state: State, type_name: str, name: str, step: Step) -> None:
        why = reasons.explain(self.reach, state.options, type_name, name)
        self._error(step, why)

    def _refuse_narrowing(self, state: State, name: str) -> None:
        why = reasons.explain_narrowing(self.reach, state.options, state.type_name, name)
        self._error(Step(state.step, name, None), why)

    def _error(self, step: Step, why: str) -> None:
        text = query(self.schema, self.operation, step)
        message = f"The query\n{text}\ncannot be satisfied by the subgraphs because:\n{why}"
        self.findings.errors[message] = "SATISFIABILITY_ERROR"

    def _run_calls(self, start: State) -> None:
        """A mutation field is called once: some single subgraph must satisfy everything below it."""
        owner = self.schema.types[start.type_name]
        for entry in owner.fields.values():
            if entry.has("inaccessible"):
                continue
            edges = self._edges(start.options, entry.name, start.contexts)
            step = Step(None, owner.name, entry.name)
            if not edges:
                self._refuse(start, owner.name, entry.name, step)
                continue
            target = self.schema.types.get(named(entry.type))
            if target is not None and target.is_composite:
                self._compare_runtime_types(target, owner.name, entry.name, edges, step)
                self._run_call(entry.name, target.name, edges, step)

    def _run_call(self, name: str, target: str, edges: list[tuple[Node, FieldEdge]], step: Step) -> None:
        attempts = []
        for node, edge in edges:
            if edge.target is None:
                continue
            attempt = Walk(self.schema, self.reach, self.operation, Findings())
            attempt.visit(State(target, (edge.target,), frozenset(), step))
            if not attempt.findings.errors:
                self.findings.hints |= attempt.findings.hints
                return
            attempts.append((self._names[node.subgraph], attempt.findings))
        if len(attempts) == 1:
            self.findings.errors |= attempts[0][1].errors
        elif attempts:
            details = "\n".join(
                f'- when subgraph "{where}" is called:\n{next(iter(found.errors))}' for where, found in attempts
            )
            message = (
                f'The mutation field "{name}" can be called in one subgraph only, but none satisfies it:\n{details}'
            )
            self.findings.errors[message] = "SATISFIABILITY_ERROR"


def _is_settled(state: State, owner: Type) -> bool:
    """Whether an interface was fetched where only objects of one type are declared: others cannot be asked for."""
    return owner.kind is Kind.INTERFACE and not any(
        option.is_abstract or option.is_interface_object for option in state.options
    )


def _contexts_by_type(schema: Schema) -> dict[str, frozenset[str]]:
    """The contexts that an object sets by itself, its interfaces and its unions."""
    own = {
        owner.name: frozenset(str(entry.args.get("name")) for entry in owner.applied("context"))
        for owner in schema.types.values()
    }
    if not any(own.values()):
        return {}
    found = dict(own)
    for owner in schema.of_kind(Kind.INTERFACE, Kind.UNION):
        for name in schema.possible(owner.name):
            found[name] |= own[owner.name]
    return found
