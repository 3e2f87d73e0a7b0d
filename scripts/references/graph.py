"""docs/supergraph.graphql and docs/schema.graphql: what the gateway makes of the subgraphs' committed SDL."""

from __future__ import annotations

from pathlib import Path

from gateway.composition import SubgraphInput, compose
from gateway.language import defer

SUBGRAPHS = ("auth", "task", "notification")


def composed(checkout: Path) -> tuple[str, str]:
    """The supergraph and the schema that clients see. Raises ValueError with every error of the composition."""
    composition = compose(_subgraph(name, checkout) for name in SUBGRAPHS)
    if composition.supergraph_sdl is None or composition.api_schema_sdl is None:
        raise ValueError("\n".join(f"{error.code}: {error.message}" for error in composition.errors))
    return composition.supergraph_sdl, f"{defer.DEFINITION}\n\n{composition.api_schema_sdl}"


def _subgraph(name: str, checkout: Path) -> SubgraphInput:
    snapshot = checkout / "subgraphs" / name / "schema" / "schema.graphql"
    return SubgraphInput(name=name, sdl=snapshot.read_text(), url=f"http://{name}/graphql")
