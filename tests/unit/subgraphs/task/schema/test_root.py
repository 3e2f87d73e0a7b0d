"""The schema that is served is the one that was reviewed."""

from pathlib import Path

from kit.graphql import sdl
from subgraphs.task import schema
from subgraphs.task.schema.root import build_schema

SNAPSHOT = Path(next(iter(schema.__path__))) / "schema.graphql"


def test_the_schema_equals_its_snapshot() -> None:
    assert sdl(build_schema()) == SNAPSHOT.read_text(), "review it: python -m subgraphs.task sdl > the snapshot"
