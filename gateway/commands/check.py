"""`python -m gateway check`: whether subgraphs compose, and whether a supergraph file is what they compose to."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from gateway.commands.composition_text import errors_text, hints_text
from gateway.commands.subgraph_files import InvalidSubgraphs, from_paths
from gateway.composition import compose


def main(arguments: list[str]) -> int:
    """Exit status 0: fine, 1: refused or out of date, 2: the input cannot be read."""
    parser = argparse.ArgumentParser("python -m gateway check", description=__doc__)
    parser.add_argument("subgraphs", nargs="+", help="SDL files, folders of them, or a JSON list of {name, url, sdl}")
    parser.add_argument("--supergraph", help="a supergraph file that must be current")
    options = parser.parse_args(arguments)
    try:
        composition = compose(from_paths(options.subgraphs))
        current = Path(options.supergraph).read_text() if options.supergraph else None
    except (InvalidSubgraphs, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 2
    if composition.supergraph_sdl is None:
        print(errors_text(composition.errors), file=sys.stderr)
        return 1
    if composition.hints:
        print(hints_text(composition.hints))
    if current is not None and current != composition.supergraph_sdl:
        lines = difflib.unified_diff(
            current.splitlines(), composition.supergraph_sdl.splitlines(), options.supergraph, "composed", lineterm=""
        )
        print("\n".join(lines), file=sys.stderr)
        return 1
    print(f"composes, {len(composition.hints)} hints")
    return 0
