"""The committed SDL is what the code says; a difference is a review."""

from __future__ import annotations

from pathlib import Path

from kit.graphql import sdl
from subgraphs.notification.schema import root

SNAPSHOT = Path(root.__file__).with_name("schema.graphql")


def test_the_snapshot_is_current() -> None:
    assert SNAPSHOT.read_text() == sdl(root.schema), "run: python -m subgraphs.notification sdl > " + str(SNAPSHOT)
