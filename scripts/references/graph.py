"""docs/supergraph.graphql and docs/schema.graphql: what the gateway makes of the subgraphs' committed SDL."""

from __future__ import annotations

from pathlib import Path

from gateway.composition import SubgraphInput, compose

SNAPSHOT = "subgraphs/{}/schema/schema.graphql"
SUBGRAPHS = ("auth", "task", "notification")


def composed(checkout: Path) -> tuple[str, str]:
    """The supergraph and the API schema. Raises ValueError with every error of the composition."""
    subgraphs = [
        SubgraphInput(
            name, f"http://{name}/graphql", (checkout / f"subgraphs/{name}/schema/schema.graphql").read_text()
        )
        for name in SUBGRAPHS
    ]
    composition = compose(subgraphs)
    if composition.supergraph_sdl is None or composition.api_schema_sdl is None:
        raise ValueError("\n".join(str(error) for error in composition.errors))
    return composition.supergraph_sdl, composition.api_schema_sdl
