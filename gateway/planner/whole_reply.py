"""Decides whether the data of a plan's only reply are the answer's data as they stand: field by field, key by key.

Invariant: a plan is said to keep a reply whole only if a subgraph that keeps to its schema cannot send anything that
projecting would change: no key renamed, added, left out or in another place, no null that the API schema forbids, no
value of an enum that it hides.
"""

from __future__ import annotations

from gateway.graph.conditions import ALWAYS
from gateway.planner.nodes import ProjectedField, Projection, TypeShape
from gateway.planner.output import Output, OutputField
from gateway.planner.steps import FetchGraph
from gateway.supergraph.model import Subgraph, Supergraph, TypeKind


def keeps_reply_whole(graph: FetchGraph, projection: Projection, supergraph: Supergraph) -> bool:
    """Whether there is one call, whose reply nothing has to be done to."""
    if len(graph.steps) != 1:
        return False
    (step,) = graph.steps.values()
    if step.representations or step.condition != ALWAYS:
        return False
    return _is_same(step.output, projection, supergraph.subgraphs[step.subgraph])


def _is_same(asked: Output, shown: Projection, subgraph: Subgraph) -> bool:
    """Whether objects come as they are shown. Objects of an abstract type bring their `__typename`, so they do not."""
    table = subgraph.types.get(shown.typename or "")
    if table is None or asked.typename or asked.fragments or shown.spots or len(asked.fields) != len(shown.fields):
        return False
    for field, projected in zip(asked.fields.values(), shown.fields, strict=True):
        declared = table.fields.get(field.name)
        if declared is None or not _is_same_field(field, projected, declared.type, subgraph):
            return False
    return True


def _is_same_field(field: OutputField, shown: ProjectedField, declared: str, subgraph: Subgraph) -> bool:
    if (shown.response_key, shown.source, shown.types, shown.conditions) != (field.source, field.source, None, ()):
        return False
    if shown.typename or field.condition != ALWAYS or not _is_as_strict(declared, shown.shape):
        return False
    if field.below is not None:
        return shown.children is not None and _is_same(field.below, shown.children, subgraph)
    if shown.enum_values is not None:
        table = subgraph.types.get(declared.translate({ord(sign): None for sign in "[]!"}))
        return table is not None and table.kind is TypeKind.ENUM and table.values <= shown.enum_values
    return shown.children is None


def _is_as_strict(declared: str, shape: TypeShape) -> bool:
    """Whether the subgraph may send null only where the answer may have it, and lists where it has them."""
    levels: list[bool] = []
    inner = declared
    while True:
        levels.append(not inner.endswith("!"))
        inner = inner.removesuffix("!")
        if not inner.startswith("["):
            break
        inner = inner[1:-1]
    pairs = zip(levels, shape.nullable, strict=False)
    return len(levels) == len(shape.nullable) and all(may or not sends for sends, may in pairs)
