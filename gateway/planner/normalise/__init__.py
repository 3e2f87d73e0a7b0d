"""Normalisation: from a document to an `Operation`, one pass per module, in the order of `normalise`."""

from __future__ import annotations

from collections.abc import Collection

from graphql import DocumentNode, print_ast

from gateway.planner.errors import PlanningFailed
from gateway.planner.nodes import OperationKind
from gateway.planner.normalise.choose_operation import choose_operation
from gateway.planner.normalise.flatten_fragments import flatten_fragments
from gateway.planner.normalise.inline_spreads import inline_spreads
from gateway.planner.normalise.order_calls import order_calls
from gateway.planner.normalise.split_parts import Split, split_parts
from gateway.planner.operation import Operation
from gateway.supergraph.model import Supergraph


def normalise(
    supergraph: Supergraph,
    document: DocumentNode,
    operation_name: str | None,
    deferring: Collection[str] | None = None,
) -> Operation:
    """The chosen operation with fragments inlined and flattened, constants decided and equal keys merged.

    The document must be valid against the API schema. `deferring`: the variables that are true, for `@defer`; None lets
    nothing come later.

    Raises:
        PlanningFailed: there is no such operation, or it is too large.
    """
    node = choose_operation(document, operation_name)
    kind = OperationKind(node.operation.value)
    root_type = getattr(supergraph.roots, kind.value)
    if root_type is None:
        raise PlanningFailed("OPERATION_RESOLUTION_FAILURE", f"The schema has no {kind.value} type.")
    inlined = inline_spreads(document, node.selection_set, deferring)
    if deferring is None:
        flat = flatten_fragments(inlined, root_type, supergraph.full_schema, supergraph.possible)
        split = Split(flat, flat, ())
    else:
        split = split_parts(inlined, root_type, supergraph.full_schema, supergraph.possible)
    return Operation(
        kind=kind,
        name=node.name.value if node.name else None,
        root_type=root_type,
        selections=split.shown,
        wanted=split.wanted,
        variables={item.variable.name.value: print_ast(item) for item in node.variable_definitions or ()},
        deferred=split.parts,
        calls=order_calls(inlined, root_type, supergraph.possible) if kind is OperationKind.MUTATION else (),
    )
