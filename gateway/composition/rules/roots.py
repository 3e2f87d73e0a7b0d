"""A type with the default name of a root is that root."""

from __future__ import annotations

from gateway.composition.subgraph import Subgraph
from gateway.language.schema import ROOT_NAMES


def check(subgraph: Subgraph) -> None:
    schema = subgraph.schema
    for operation, default in ROOT_NAMES.items():
        name = schema.roots.get(operation)
        if name not in (None, default) and name in schema.types and default in schema.types:
            subgraph.error(
                f"ROOT_{operation.upper()}_USED",
                f'The schema has a type named "{default}" but its {operation} root type is "{name}": rename the type '
                f'"{default}".',
                schema.types[default].node,
            )
