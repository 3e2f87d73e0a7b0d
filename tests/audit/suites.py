"""Owns the audit's recorded suites: read from `data/`, with subgraphs that answer in process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema

from gateway.commands.subgraph_files import from_json
from gateway.composition import compose
from gateway.planner.plan import Planner
from gateway.supergraph.parse import parse_supergraph
from tests.audit.answers import Answers, RecordedSubgraph
from tests.testkit.subgraph_schema import build_subgraph_schema

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Suite:
    """One suite: its supergraph, its subgraphs' sources, what they answer, its cases."""

    name: str
    supergraph: str
    sources: tuple[Mapping[str, str], ...]
    subgraphs: Mapping[str, RecordedSubgraph]
    cases: tuple[Mapping[str, Any], ...]


def suite_names() -> list[str]:
    """All suites, in order."""
    return sorted(path.stem for path in DATA.glob("*.json"))


@cache
def suite(name: str) -> Suite:
    """One suite by name."""
    content = json.loads((DATA / f"{name}.json").read_text())
    subgraphs = {
        item["name"]: RecordedSubgraph(build_subgraph_schema(item["sdl"]), Answers(item["roots"], item["entities"]))
        for item in content["subgraphs"]
    }
    sources = tuple({key: item[key] for key in ("name", "url", "sdl")} for item in content["subgraphs"])
    return Suite(name, content["supergraph"], sources, subgraphs, tuple(content["cases"]))


@cache
def planner(name: str) -> Planner:
    """A planner on the suite's own supergraph."""
    return Planner(parse_supergraph(suite(name).supergraph))


@cache
def subgraph_schema(name: str, subgraph: str) -> GraphQLSchema:
    """The executable schema of one of the suite's subgraphs."""
    return build_subgraph_schema(next(each["sdl"] for each in suite(name).sources if each["name"] == subgraph))


@cache
def composed_planner(name: str) -> Planner:
    """A planner on what our composer makes of the suite's subgraphs."""
    composition = compose(from_json(json.dumps([dict(source) for source in suite(name).sources]).encode(), name))
    assert composition.supergraph_sdl is not None, [error.message for error in composition.errors]
    return Planner(parse_supergraph(composition.supergraph_sdl))


def cases() -> list[tuple[str, int]]:
    """Every case as (suite, number)."""
    return [(name, number) for name in suite_names() for number in range(len(suite(name).cases))]
