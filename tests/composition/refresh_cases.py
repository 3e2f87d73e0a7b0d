"""Makes `own-cases.jsonl.gz`: hand-made sets, mutations of sets that compose, random graphs, and verdicts.

    python -m tests.composition.refresh_cases [--add FILE] [--mutations N] [--graphs N]

Hand-made inputs live in the file itself; `--add` takes JSON lines of `{label, subgraphs}`. Mutations and graphs are
made anew from their seeds. The verdicts come from `@apollo/composition` in the git-ignored folder `peers/` (see
`oracle.mjs`). Sets on which it fails without a code are left out: there is nothing to compare with.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.composition.mutations import mutate
from tests.composition.random_graphs import graph

HERE = Path(__file__).parent
OWN = HERE / "own-cases.jsonl.gz"
PEERS = HERE.parents[1] / "peers"

Subgraphs = list[dict[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--add", type=Path, help="JSON lines of {label, subgraphs}")
    parser.add_argument("--mutations", type=int, default=500)
    parser.add_argument("--graphs", type=int, default=300)
    options = parser.parse_args()
    made = _made(options.add)
    verdicts = ask([entry["subgraphs"] for entry in made])
    bases = _bases() + [entry["subgraphs"] for entry, verdict in zip(made, verdicts, strict=True) if verdict["ok"]]
    mutated: list[dict[str, Any]] = [
        {"id": f"mutation-{seed}", "label": "mutation", "subgraphs": _mutation(seed, bases)}
        for seed in range(options.mutations)
    ]
    mutated += [
        {"id": f"graph-{seed}", "label": "random graph", "subgraphs": graph(seed)} for seed in range(options.graphs)
    ]
    verdicts += ask([entry["subgraphs"] for entry in mutated])
    _write(made + mutated, verdicts)


def _made(extra: Path | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if OWN.exists():
        with gzip.open(OWN, "rt") as lines:
            found = [entry for entry in map(json.loads, lines) if entry["label"] not in ("mutation", "random graph")]
    if extra is not None:
        found += [json.loads(line) for line in extra.read_text().splitlines()]
    unique = {json.dumps(entry["subgraphs"], sort_keys=True): entry for entry in found}
    return [
        {"id": f"made-{number:04}", "label": entry["label"], "subgraphs": entry["subgraphs"]}
        for number, entry in enumerate(unique.values())
    ]


def _bases() -> list[Subgraphs]:
    """Sets of the other collection that compose."""
    with gzip.open(HERE / "cases.jsonl.gz", "rt") as lines:
        composing = [entry["subgraphs"] for entry in map(json.loads, lines) if entry["ok"]]
    return [[_named(each) for each in subgraphs] for subgraphs in composing]


def _named(entry: dict[str, str | None]) -> dict[str, str]:
    return {"name": entry["name"] or "", "url": entry.get("url") or "", "sdl": entry["sdl"] or ""}


def _mutation(seed: int, bases: list[Subgraphs]) -> Subgraphs:
    return mutate(seed, bases[random.Random(seed).randrange(len(bases))])


def ask(sets: list[Subgraphs]) -> list[dict[str, Any]]:
    """The other composer's verdicts, in order."""
    script = PEERS / "oracle.mjs"
    shutil.copyfile(HERE / "oracle.mjs", script)
    lines = "".join(json.dumps(subgraphs) + "\n" for subgraphs in sets)
    ran = subprocess.run(["node", str(script)], input=lines, capture_output=True, text=True, check=True, cwd=PEERS)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def _write(entries: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> None:
    kept = 0
    with gzip.GzipFile(OWN, "wb", mtime=0) as out:
        for entry, verdict in zip(entries, verdicts, strict=True):
            codes = {error["code"] for error in verdict["errors"]}
            if None in codes:
                continue
            kept += 1
            entry["verdict"] = {
                "ok": verdict["ok"],
                "errors": sorted(codes),
                "hints": sorted(hint["code"] for hint in verdict["hints"]),
                "supergraphSdl": verdict.get("supergraphSdl") if verdict["ok"] else None,
                "apiSchemaSdl": verdict.get("apiSchemaSdl") if verdict["ok"] else None,
            }
            out.write(json.dumps(entry).encode() + b"\n")
    print(f"{kept} cases")


if __name__ == "__main__":
    main()
