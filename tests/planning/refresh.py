"""Makes `peers.json`: requests and waves of other planners for the operations that are compared.

    python -m tests.planning.refresh

The planners (`@apollo/query-planner`, `@graphql-hive/router-query-planner`) are asked for by `npm` in the git-ignored
folder `peers/planning/`; see `peers.mjs`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.planning.operations import Planned, operations, supergraph

HERE = Path(__file__).parent
RECORDED = HERE / "peers.json"
FOLDER = HERE.parents[1] / "peers" / "planning"
PEERS = ("apollo", "hive")
PACKAGES = ("@apollo/query-planner@2.14", "@graphql-hive/router-query-planner@0.0", "graphql@16")


def main() -> None:
    """Asks both planners and writes what they answer, one operation a line."""
    if not (FOLDER / "node_modules").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true, "type": "module"}\n')
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", *PACKAGES], cwd=FOLDER, check=True)
    shutil.copy(HERE / "peers.mjs", FOLDER / "peers.mjs")
    listed = list(operations())
    found: dict[str, dict[str, object]] = {each.id: {} for each in listed}
    for graph in dict.fromkeys(each.graph for each in listed):
        for peer in PEERS:
            for name, counts in _ask(peer, graph, [each for each in listed if each.graph == graph]).items():
                found[name][peer] = counts
    lines = [f"{json.dumps(name)}: {json.dumps(counts, sort_keys=True)}" for name, counts in found.items()]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _ask(peer: str, graph: str, listed: list[Planned]) -> dict[str, object]:
    """What a planner answers for the operations of one graph, in a process of its own: it may die of one."""
    asked = {
        "sdl": supergraph(graph),
        "operations": [{"id": each.id, "query": each.query, "labels": each.labels} for each in listed],
        "peers": [peer],
    }
    done = subprocess.run(["node", "peers.mjs"], cwd=FOLDER, input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode == 0:
        answers: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return {name: counts[peer] for name, counts in answers.items() if isinstance(counts, dict)}
    if len(listed) == 1:
        return {listed[0].id: "The process died."}
    return {name: counts for each in listed for name, counts in _ask(peer, graph, [each]).items()}


if __name__ == "__main__":
    main()
