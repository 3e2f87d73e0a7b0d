"""`python -m gateway compose`: the supergraph on standard output, what was found on standard error.

With `--json` it reads one list of subgraphs from standard input and writes one reply; with `--json --lines` one list
and one reply a line, as long as there are lines.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gateway.commands.composition_text import as_json, errors_text, hints_text
from gateway.commands.subgraph_files import InvalidSubgraphs, from_json, from_paths
from gateway.composition import compose


def main(arguments: list[str]) -> int:
    """Exit status 0: composed, 1: refused, 2: the input is no list of subgraphs."""
    options = _parser().parse_args(arguments)
    if options.json:
        return _lines() if options.lines else _once()
    if not options.subgraphs:
        print("name the subgraphs: SDL files, folders or a JSON list", file=sys.stderr)
        return 2
    try:
        composition = compose(from_paths(options.subgraphs))
    except InvalidSubgraphs as error:
        print(error, file=sys.stderr)
        return 2
    if composition.supergraph_sdl is None or composition.api_schema_sdl is None:
        print(errors_text(composition.errors), file=sys.stderr)
        return 1
    if composition.hints:
        print(hints_text(composition.hints), file=sys.stderr)
    text = composition.api_schema_sdl if options.api else composition.supergraph_sdl
    if options.output:
        Path(options.output).write_text(text)
    else:
        sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m gateway compose", description=__doc__)
    parser.add_argument("subgraphs", nargs="*", help="SDL files, folders of them, or a JSON list of {name, url, sdl}")
    parser.add_argument("--json", action="store_true", help="lists on standard input, replies on standard output")
    parser.add_argument("--lines", action="store_true", help="with --json: one list and one reply a line")
    parser.add_argument("--api", action="store_true", help="print the API schema instead of the supergraph")
    parser.add_argument("--output", help="write to a file instead of standard output")
    return parser


def _once() -> int:
    try:
        composition = compose(from_json(sys.stdin.buffer.read(), "standard input"))
    except InvalidSubgraphs as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(as_json(composition)))
    return 1 if composition.errors else 0


def _lines() -> int:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            reply = as_json(compose(from_json(line, f"line {number}")))
        except InvalidSubgraphs as error:
            reply = {"supergraphSdl": None, "apiSchemaSdl": None, "hints": [], "errors": [_refusal(str(error))]}
        print(json.dumps(reply), flush=True)
    return 0


def _refusal(message: str) -> dict[str, object]:
    return {"code": "INVALID_SUBGRAPH_LIST", "message": message, "subgraphs": [], "locations": []}
