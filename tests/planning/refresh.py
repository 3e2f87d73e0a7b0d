"""Makes `plans.jsonl.gz`: requests and waves of other planners for the operations that are compared.

    python -m tests.planning.refresh

The planners (`@apollo/query-planner`, `@graphql-hive/router-query-planner`) are asked for by `npm` in the git-ignored
folder `peers/planning/`; see `peers.mjs`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.planning.operations import Planned, drawn, random_graph
from tests.planning.recorded import PEERS, planner, write

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "peers" / "planning"
PACKAGES = ("@apollo/query-planner@2.14", "@graphql-hive/router-query-planner@0.0", "graphql@16")


def main() -> None:
    """Asks both planners and writes what they answer."""
    provide()
    listed = list(dict.fromkeys(drawn()))
    entries: dict[str, list[dict[str, Any]]] = {}
    texts: dict[str, str] = {}
    for graph in dict.fromkeys(each.graph for each in listed):
        kind, name = graph.split("/")
        if kind == "random":
            texts[graph] = random_graph(int(name)).planner.supergraph.sdl
        sdl = texts.get(graph) or planner(graph).supergraph.sdl
        entries[graph] = recorded_costs(sdl, [each for each in listed if each.graph == graph])
    write(entries, texts)


def provide() -> None:
    """Installs both planners once."""
    if not (FOLDER / "node_modules").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true, "type": "module"}\n')
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", *PACKAGES], cwd=FOLDER, check=True)
    shutil.copy(HERE / "peers.mjs", FOLDER / "peers.mjs")


def recorded_costs(sdl: str, listed: list[Planned]) -> list[dict[str, Any]]:
    """The operations of one graph with what each planner answers."""
    answers = {peer: _ask(peer, sdl, listed) for peer in PEERS}
    return [
        {"group": each.group, "query": each.query, "labels": each.labels}
        | {peer: answers[peer][number] for peer in PEERS}
        for number, each in enumerate(listed)
    ]


def _ask(peer: str, sdl: str, listed: list[Planned]) -> list[Any]:
    """Asked in a process of its own: it may die of an operation."""
    numbered = [{"id": str(at), "query": each.query, "labels": each.labels} for at, each in enumerate(listed)]
    asked = {"sdl": sdl, "operations": numbered, "peers": [peer]}
    done = subprocess.run(["node", "peers.mjs"], cwd=FOLDER, input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode == 0:
        answers = json.loads(done.stdout.splitlines()[-1])
        return [answers[str(at)][peer] for at in range(len(listed))]
    if len(listed) == 1:
        return ["The process died."]
    return [answer for each in listed for answer in _ask(peer, sdl, [each])]


if __name__ == "__main__":
    main()
