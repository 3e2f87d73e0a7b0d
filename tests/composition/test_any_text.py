"""Whatever texts it is given, composition answers with a supergraph that can be served or with coded errors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.composition import SubgraphInput, compose
from gateway.composition.catalogue import ERRORS, HINTS
from gateway.supergraph.parse import parse_supergraph
from tests.composition.parity import HERE, load
from tests.composition.slips import damage

CASES = [case.subgraphs for case in (*load(HERE / "cases.jsonl.gz"), *load(HERE / "own-cases.jsonl.gz"))]
PARTS = 4
SHORT, LONG = 100, 5000  # seeds of one part


def assert_answered(subgraphs: list[SubgraphInput]) -> None:
    composition = compose(subgraphs)
    assert {error.code for error in composition.errors} <= set(ERRORS)
    assert {hint.code for hint in composition.hints} <= set(HINTS)
    assert (composition.supergraph_sdl is None) == bool(composition.errors)
    if composition.supergraph_sdl is not None:
        parse_supergraph(composition.supergraph_sdl)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_texts(part: int, long_form: bool) -> None:
    for seed in range(part, PARTS * (LONG if long_form else SHORT), PARTS):
        subgraphs = list(CASES[seed % len(CASES)])
        at = seed % len(subgraphs)
        hurt = subgraphs[at]
        subgraphs[at] = SubgraphInput(hurt.name, damage(seed, hurt.sdl), hurt.url)
        try:
            assert_answered(subgraphs)
        except Exception as failure:
            failure.add_note(f"seed {seed}")
            raise


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=60), st.text(max_size=8)), max_size=3))
def test_any_texts(entries: list[tuple[str, str, str]]) -> None:
    assert_answered([SubgraphInput(*entry) for entry in entries])
