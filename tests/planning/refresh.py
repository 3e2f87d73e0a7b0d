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

from tests.planning.operations import operations, supergraph

HERE = Path(__file__).parent
RECORDED = HERE / "peers.json"
FOLDER = HERE.parents[1] / "peers" / "planning"
PACKAGES = ("@apollo/query-planner@2.14", "@graphql-hive/router-query-planner@0.0", "graphql@16")


def main() -> None:
    """Asks both planners and writes what they answer, one operation a line."""
    if not (FOLDER / "node_modules").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true, "type": "module"}\n')
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", *PACKAGES], cwd=FOLDER, check=True)
    shutil.copy(HERE / "peers.mjs", FOLDER / "peers.mjs")
    listed = list(operations())
    asked = {
        "graphs": {graph: supergraph(graph) for graph in dict.fromkeys(each.graph for each in listed)},
        "operations": [
            {"id": each.id, "graph": each.graph, "query": each.query, "labels": each.labels} for each in listed
        ],
    }
    done = subprocess.run(
        ["node", "peers.mjs"], cwd=FOLDER, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    lines = [f"{json.dumps(name)}: {json.dumps(counts, sort_keys=True)}" for name, counts in found.items()]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
