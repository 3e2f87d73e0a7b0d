"""Owns the text of the operations sent to subgraphs.

Invariant: a document declares exactly the variables it uses, under the client's names, and asks only for fields that
the subgraph has. Printed once per plan, in a fixed order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.graph.conditions import ALWAYS, Clause, Condition, disjoint
from gateway.planner.nodes import ENDING, EntryText, OperationKind
from gateway.planner.output import Output, OutputField
from gateway.supergraph.model import ContextArgument

ContextNames = Mapping[ContextArgument, str]
"""The variable for each contextual argument of an `_entities` call."""
NO_CONTEXTS: ContextNames = {}


@dataclass(frozen=True, slots=True)
class EntitySelection:
    """One `_entities` call of a document."""

    alias: str
    variable: str
    output: Output
    contexts: ContextNames = field(default_factory=dict)

    def definitions(self, ending: str = "") -> list[str]:
        """Its own variables."""
        own = [f"${self.variable}{ending}:[_Any!]!"]
        return own + [f"${name}{ending}:{argument.type}" for argument, name in self.contexts.items()]

    def call(self, ending: str = "") -> str:
        """The call, its names with an ending."""
        alias = "" if self.alias == "_entities" else f"{self.alias}{ending}:"
        names = {argument: name + ending for argument, name in self.contexts.items()}
        selections = print_entity_fragments(self.output, names)
        return f"{alias}_entities(representations:${self.variable}{ending}){{{selections}}}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A document and the client variables that it uses."""

    document: str
    variables: tuple[str, ...]


def print_root(kind: OperationKind, output: Output, definitions: Mapping[str, str]) -> Printed:
    """The operation of a fetch that enters a root type."""
    variables = _used_variables([output], definitions)
    return Printed(f"{kind.value}{_definitions(variables, definitions, [])}{print_selections(output)}", variables)


def print_entities(calls: Sequence[EntitySelection], definitions: Mapping[str, str]) -> Printed:
    """The operation of a fetch by representations."""
    variables = _used_variables([call.output for call in calls], definitions)
    own = [definition for call in calls for definition in call.definitions()]
    printed = " ".join(call.call() for call in calls)
    return Printed(f"query{_definitions(variables, definitions, own)}{{{printed}}}", variables)


def print_entry(call: EntitySelection, definitions: Mapping[str, str]) -> EntryText:
    """One call of a document by itself."""
    client = tuple(definitions[name] for name in _used_variables([call.output], definitions))
    return EntryText(call.call(ENDING), ",".join(call.definitions(ENDING)), client)


def print_entity_fragments(output: Output, contexts: ContextNames = NO_CONTEXTS) -> str:
    """What is selected on `_entities`, by type."""
    if output.type_name != "_Entity":
        return f"...on {output.type_name}{print_selections(output, contexts)}"
    return " ".join(f"...on {name}{print_selections(inner, contexts)}" for name, inner in output.fragments.items())


def print_selections(output: Output, contexts: ContextNames = NO_CONTEXTS) -> str:
    """A selection set in braces."""
    parts = ["__typename"] if output.typename else []
    for selected in output.fields.values():
        parts += _field(selected, contexts)
    grouped: dict[str, list[str]] = {}
    for name, fragment in output.fragments.items():
        if fragment:
            grouped.setdefault(print_selections(fragment, contexts), []).append(name)
    for text, names in grouped.items():
        parts += [f"...on {name}{text}" for name in names]
    return "{" + " ".join(parts or ["__typename"]) + "}"


def _field(selected: OutputField, contexts: ContextNames) -> list[str]:
    alias = "" if selected.source == selected.name else f"{selected.source}:"
    below = print_selections(selected.below, contexts) if selected.below is not None else ""
    head = f"{alias}{selected.name}{_arguments(selected, contexts)}"
    return [_wrapped(head, below, clause) for clause in _clauses(selected.condition)]


def _arguments(selected: OutputField, contexts: ContextNames) -> str:
    """The client's arguments and those from above."""
    if not selected.contexts:
        return selected.arguments
    own = [selected.arguments[1:-1]] if selected.arguments else []
    drawn = [f"{argument.name}: ${contexts[argument]}" for argument in selected.contexts]
    return f"({', '.join([*own, *drawn])})"


def _clauses(condition: Condition) -> Sequence[Clause]:
    return (frozenset(),) if condition == ALWAYS else disjoint(condition)


def _wrapped(head: str, below: str, clause: Clause) -> str:
    """A field under literals: `@include` and `@skip` once each, further literals as fragments around it."""
    directives = [f"@{'include' if value else 'skip'}(if:${name})" for name, value in sorted(clause)]
    text = head + "".join(directives[:1]) + below
    for directive in directives[1:]:
        text = f"...{directive}{{{text}}}"
    return text


def _used_variables(outputs: Sequence[Output], definitions: Mapping[str, str]) -> tuple[str, ...]:
    used: set[str] = set()
    for output in outputs:
        for selected in output.walk():
            used |= selected.variables
            used |= {name for clause in selected.condition for name, _ in clause}
    return tuple(name for name in definitions if name in used)


def _definitions(variables: Sequence[str], definitions: Mapping[str, str], own: Sequence[str]) -> str:
    printed = [*own, *(definitions[name] for name in variables)]
    return f"({','.join(printed)})" if printed else ""
