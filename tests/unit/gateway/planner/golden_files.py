"""Owns the golden plans: one text file for each federation feature, with subgraphs, queries and the plans expected.

`python -m tests.unit.gateway.planner.golden_files` writes the plans anew; the difference is then a review.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from graphql import parse, validate

from gateway.commands.subgraph_files import from_json
from gateway.composition import compose
from gateway.planner.dump import dump_plan, dump_projection
from gateway.planner.plan import Planner, Stages
from gateway.planner.soundness import check_soundness
from gateway.supergraph.parse import parse_supergraph

FOLDER = Path(__file__).parent / "golden"
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@shareable", "@external", '
    '"@requires", "@provides", "@override", "@interfaceObject", "@inaccessible", "@context", "@fromContext"])\n'
)


@dataclass(frozen=True)
class Query:
    """One query of a file with the plan that stands below it.

    Its title may end with `labels` that are active, or name variables that are `true`.
    """

    title: str
    text: str
    expected: str

    @property
    def labels(self) -> list[str]:
        return self.title.split("labels ")[1].split() if "labels " in self.title else []

    @property
    def deferring(self) -> list[str] | None:
        """The true variables, for `@defer`; None where everything is to be planned at once."""
        if self.title.endswith("everything at once"):
            return None
        return self.title.split(", true ")[1].split() if ", true " in self.title else []


@dataclass(frozen=True)
class GoldenFile:
    """A feature."""

    path: Path
    sections: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, path: Path) -> GoldenFile:
        sections: list[tuple[str, str]] = []
        for part in path.read_text().split("\n=== "):
            title, _, body = part.removeprefix("=== ").partition("\n")
            sections.append((title, body.strip("\n")))
        return cls(path, tuple(sections))

    @cached_property
    def planner(self) -> Planner:
        """A planner on the composition of the file's subgraphs."""
        subgraphs = [
            {"name": title.removeprefix("subgraph "), "url": "http://subgraph.test", "sdl": LINK + body}
            for title, body in self.sections
            if title.startswith("subgraph ")
        ]
        composition = compose(from_json(json.dumps(subgraphs).encode(), str(self.path)))
        assert composition.supergraph_sdl is not None, [error.message for error in composition.errors]
        return Planner(parse_supergraph(composition.supergraph_sdl))

    def queries(self) -> Iterator[Query]:
        """The file's queries with what is expected of them."""
        for at, (title, body) in enumerate(self.sections):
            if title.startswith("query"):
                following = self.sections[at + 1 : at + 2]
                expected = following[0][1] if following and following[0][0] == "plan" else ""
                yield Query(title, body, expected)

    def stages(self, query: Query) -> Stages:
        """Plans one query, which must be valid."""
        document = parse(query.text)
        assert validate(self.planner.supergraph.api_schema, document) == []
        return self.planner.stages(document, None, query.labels, query.deferring)

    def plan(self, query: Query) -> str:
        """The plan as text, with the projection."""
        plan = self.stages(query).plan
        return f"{dump_plan(plan)}\nanswer\n{dump_projection(plan.projection)}"

    def findings(self, query: Query) -> list[str]:
        """What the static check finds in the plan."""
        stages = self.stages(query)
        return check_soundness(self.planner.supergraph, stages.operation, stages.plan)

    def written(self) -> str:
        """The file with its plans written anew."""
        parts = []
        for title, body in self.sections:
            if title != "plan":
                parts.append(f"=== {title}\n{body}\n")
            if title.startswith("query"):
                parts.append(f"=== plan\n{self.plan(Query(title, body, ''))}\n")
        return "\n".join(parts)


def golden_files() -> list[GoldenFile]:
    """All features."""
    return [GoldenFile.read(path) for path in sorted(FOLDER.glob("*.txt"))]


if __name__ == "__main__":
    for golden in golden_files():
        golden.path.write_text(golden.written())
