"""`python -m subgraphs.auth` runs the process; `python -m subgraphs.auth sdl` writes the snapshot of its schema."""

from __future__ import annotations

import sys
from pathlib import Path

from kit.graphql import sdl
from kit.lifecycle import run
from kit.settings import load
from subgraphs.auth.app import service
from subgraphs.auth.schema.root import build_schema
from subgraphs.auth.settings import AuthSettings

SNAPSHOT = Path(__file__).parent / "schema" / "schema.graphql"


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            run(service(load(AuthSettings)))
        case ["sdl"]:
            SNAPSHOT.write_text(sdl(build_schema()))
        case _:
            sys.exit("usage: python -m subgraphs.auth [sdl]")


if __name__ == "__main__":
    main(sys.argv[1:])
