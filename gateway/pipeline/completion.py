"""Fetches what an event's value lacks: one `_entities` request to the owning subgraph, as the subscriber."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import FieldNode, VariableDefinitionNode, VariableNode, Visitor, print_ast, visit

from gateway.pipeline.coverage import KEY_PREFIX, Gap
from gateway.planner.nodes import EntityEntry, Fetch, InputField, OperationKind, Representation


def completion(
    service: str, gaps: Mapping[Gap, Mapping[str, FieldNode]], definitions: tuple[VariableDefinitionNode, ...]
) -> Fetch:
    """The fetch that fills the gaps; equal gaps give equal documents."""
    entries, parts, used = [], [], set[str]()
    for at, (gap, missing) in enumerate(gaps.items()):
        alias, variable = f"_e{at}", f"_r{at}"
        fields = tuple(InputField(name, KEY_PREFIX + name) for name in gap.key)
        representation = Representation(None, gap.typename, fields)
        entries.append(EntityEntry(alias, variable, (gap.path,), (representation,)))
        selection = " ".join(print_ast(node) for node in missing.values())
        parts.append(f"{alias}: _entities(representations: ${variable}) {{ ... on {gap.typename} {{ {selection} }} }}")
        for node in missing.values():
            used |= _variables(node)
    kept = [definition for definition in definitions if definition.variable.name.value in used]
    declared = [*(f"${entry.variable}: [_Any!]!" for entry in entries), *(print_ast(node) for node in kept)]
    return Fetch(
        id=-1,
        service=service,
        kind=OperationKind.QUERY,
        document=f"query({', '.join(declared)}) {{ {' '.join(parts)} }}",
        variables=tuple(definition.variable.name.value for definition in kept),
        entries=tuple(entries),
    )


class _VariableCollector(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


def _variables(node: FieldNode) -> set[str]:
    collector = _VariableCollector()
    visit(node, collector)
    return collector.names
