"""Mutated sets of subgraphs yield coded errors and nothing else, the same every time."""

from __future__ import annotations

import pytest

from gateway.composition import SubgraphInput, compose
from gateway.composition.catalogue import ERRORS
from gateway.supergraph.parse import parse_supergraph
from tests.composition.mutations import mutate
from tests.composition.parity import HERE, load

BASES = [case.subgraphs for case in load(HERE / "cases.jsonl.gz") if case.ok]
SEEDS_PER_TEST = 40


@pytest.mark.parametrize("start", range(100_000, 100_000 + 5 * SEEDS_PER_TEST, SEEDS_PER_TEST))
def test_mutated_sets_compose_or_are_refused_with_codes(start: int) -> None:
    for seed in range(start, start + SEEDS_PER_TEST):
        base = [{"name": entry.name, "url": entry.url, "sdl": entry.sdl} for entry in BASES[seed % len(BASES)]]
        inputs = [SubgraphInput(entry["name"], entry["sdl"], entry["url"]) for entry in mutate(seed, base)]
        composition = compose(inputs)
        assert composition == compose(inputs)
        assert {error.code for error in composition.errors} <= set(ERRORS)
        if composition.supergraph_sdl is not None:
            parse_supergraph(composition.supergraph_sdl)
