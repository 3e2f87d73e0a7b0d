"""Owns the text of the operations sent to subgraphs.

Invariant: a document declares exactly the variables it uses, under the client's names, and asks only for fields that
the subgraph has. Printed once per plan, in a fixed order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.graph.conditions import ALWAYS, Clause, Condition, disjoint
from gateway.planner.nodes import OperationKind
from gateway.planner.output import Output, OutputField


@dataclass(frozen=True, slots=True)
class EntitySelection:
    """One `_entities` call of a document."""

    alias: str
    variable: str
    output: Output


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
    own = [f"${call.variable}:[_Any!]!" for call in calls]
    printed = []
    for call in calls:
        alias = "" if call.alias == "_entities" else f"{call.alias}:"
        printed.append(f"{alias}_entities(representations:${call.variable}){{{print_entity_fragments(call.output)}}}")
    return Printed(f"query{_definitions(variables, definitions, own)}{{{' '.join(printed)}}}", variables)


def print_entity_fragments(output: Output) -> str:
    """What is selected on `_entities`, by type."""
    if output.type_name != "_Entity":
        return f"...on {output.type_name}{print_selections(output)}"
    return " ".join(f"...on {name}{print_selections(inner)}" for name, inner in output.fragments.items())


def print_selections(output: Output) -> str:
    """A selection set in braces."""
    parts = ["__typename"] if output.typename else []
    for field in output.fields.values():
        parts += _field(field)
    grouped: dict[str, list[str]] = {}
    for name, fragment in output.fragments.items():
        if fragment:
            grouped.setdefault(print_selections(fragment), []).append(name)
    for text, names in grouped.items():
        parts += [f"...on {name}{text}" for name in names]
    return "{" + " ".join(parts or ["__typename"]) + "}"


def _field(field: OutputField) -> list[str]:
    alias = "" if field.source == field.name else f"{field.source}:"
    below = print_selections(field.below) if field.below is not None else ""
    return [_wrapped(f"{alias}{field.name}{field.arguments}", below, clause) for clause in _clauses(field.condition)]


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
        for field in output.walk():
            used |= field.variables
            used |= {name for clause in field.condition for name, _ in clause}
    return tuple(name for name in definitions if name in used)


def _definitions(variables: Sequence[str], definitions: Mapping[str, str], own: Sequence[str]) -> str:
    printed = [*own, *(definitions[name] for name in variables)]
    return f"({','.join(printed)})" if printed else ""
