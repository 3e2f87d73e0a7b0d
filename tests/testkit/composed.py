"""Owns small graphs for tests: subgraphs' SDL in, a planner on their composition out."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gateway.commands.subgraph_files import from_json
from gateway.composition import compose
from gateway.planner.plan import Planner
from gateway.supergraph.parse import parse_supergraph

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@external", '
    '"@requires", "@provides", "@override", "@interfaceObject", "@inaccessible"])\n'
)


def planner_on(subgraphs: Mapping[str, str]) -> Planner:
    """A planner on the composition of subgraphs, which must compose."""
    listed = [{"name": name, "url": f"http://{name}.test", "sdl": LINK + sdl} for name, sdl in subgraphs.items()]
    composition = compose(from_json(json.dumps(listed).encode(), "the test"))
    assert composition.supergraph_sdl is not None, [error.message for error in composition.errors]
    return Planner(parse_supergraph(composition.supergraph_sdl))
