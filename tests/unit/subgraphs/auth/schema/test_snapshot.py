"""The SDL of the auth subgraph is the one that was reviewed (`python -m subgraphs.auth sdl` writes it)."""

from __future__ import annotations

from kit.graphql import sdl
from subgraphs.auth.__main__ import SNAPSHOT
from subgraphs.auth.schema.root import build_schema


def test_the_schema_is_the_committed_one() -> None:
    assert sdl(build_schema()) == SNAPSHOT.read_text()
