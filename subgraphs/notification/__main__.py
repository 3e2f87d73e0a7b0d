"""`python -m subgraphs.notification` serves; with the word `sdl` it prints its part of the graph instead."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kit.graphql import sdl
from kit.lifecycle import run
from kit.settings import load
from subgraphs.notification.app import service
from subgraphs.notification.schema.root import schema
from subgraphs.notification.settings import NotificationSettings


def main(words: Sequence[str]) -> None:
    if list(words) == ["sdl"]:
        print(sdl(schema), end="")
    elif words:
        raise SystemExit("usage: python -m subgraphs.notification [sdl]")
    else:
        run(service(load(NotificationSettings)))


if __name__ == "__main__":
    main(sys.argv[1:])
