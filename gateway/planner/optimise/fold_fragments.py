"""Folds what fragments of one place repeat: a leaf that stands around them anyway is dropped, one that every concrete
type has moves out to the interface where the subgraph's interface declares it.
"""

from __future__ import annotations

from gateway.graph.conditions import ALWAYS, implies
from gateway.planner.output import Output, OutputField
from gateway.planner.steps import FetchGraph
from gateway.supergraph.model import Subgraph, SubgraphType, Supergraph, TypeKind


def fold_fragments(graph: FetchGraph, supergraph: Supergraph) -> None:
    """Folds the selections of every step."""
    for step in graph.steps.values():
        _fold(step.output, supergraph.subgraphs[step.subgraph])


def _fold(output: Output, subgraph: Subgraph) -> None:
    table = subgraph.types.get(output.type_name)
    if table is not None and table.kind is TypeKind.INTERFACE and not table.interface_object:
        _move_out(output, table)
    for fragment in output.fragments.values():
        _drop_repeated(fragment, output)
        _fold(fragment, subgraph)
    for field in output.fields.values():
        if field.below is not None:
            _fold(field.below, subgraph)


def _move_out(output: Output, table: SubgraphType) -> None:
    if set(output.fragments) != table.possible or not output.fragments:
        return
    first, *others = output.fragments.values()
    for slot, field in list(first.fields.items()):
        if field.below is not None or slot in output.fields or field.name not in table.fields:
            continue
        if all(_same(other.fields.get(slot), field) for other in others):
            output.fields[slot] = field


def _same(left: OutputField | None, right: OutputField) -> bool:
    return left is not None and (left.name, left.arguments, left.contexts, left.below) == (
        right.name,
        right.arguments,
        right.contexts,
        None,
    )


def _drop_repeated(fragment: Output, around: Output) -> None:
    for slot, field in list(fragment.fields.items()):
        outer = around.fields.get((field.source, ALWAYS)) or around.fields.get(slot)
        if (
            field.below is None
            and outer is not None
            and outer.below is None
            and implies(field.condition, outer.condition)
        ):
            del fragment.fields[slot]
