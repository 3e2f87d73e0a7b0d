"""The composer agrees with `@apollo/composition` on every stored case, but for the differences named here.

`cases.jsonl.gz` is public data (see NOTICE), `own-cases.jsonl.gz` comes from `refresh_cases.py`. The differences are
explained in `docs/composition.md`.
"""

from __future__ import annotations

import pytest

from gateway.composition.catalogue import ERRORS, HINTS
from tests.composition.parity import HERE, Case, compare, load

PARTS = 8
DIFFERENCES = {
    "name __x": "the subgraph's name itself is refused, with the code for names",
    "tag both": "one directive under two names in one subgraph: the other composer trips over its own supergraph",
    "key fields link__Import!": "the bad definition is reported as a bad definition",
}

PUBLIC = load(HERE / "cases.jsonl.gz")
OWN = load(HERE / "own-cases.jsonl.gz")
NOT_PROVOKABLE = {
    "UNSUPPORTED_LINKED_FEATURE",
    "AUTH_REQUIREMENTS_TOO_COMPLEX",  # theirs goes on and on
    "INVALID_SUBGRAPH_LIST",  # only commands report it
    "INVALID_SUBGRAPH_NAME",  # theirs has no code for it
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",  # see the satisfiability tests
    "DISALLOWED_INACCESSIBLE",
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE",
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS",
}


def differing(cases: list[Case]) -> dict[str, str]:
    outcomes = {case.id: (case, compare(case)) for case in cases}
    return {id_: outcome.details for id_, (case, outcome) in outcomes.items() if not outcome.same}


@pytest.mark.parametrize("part", range(PARTS))
def test_public_cases_get_the_same_verdict_codes_hints_and_supergraph(part: int) -> None:
    assert differing(PUBLIC[part::PARTS]) == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_own_cases_differ_only_where_it_is_explained(part: int) -> None:
    cases = OWN[part::PARTS]
    explained = {case.id for case in cases if case.label in DIFFERENCES}
    assert {id_: text for id_, text in differing(cases).items() if id_ not in explained} == {}


def test_explained_differences_still_exist() -> None:
    cases = [case for case in OWN if case.label in DIFFERENCES]
    assert {case.label for case in cases if not compare(case).same} == set(DIFFERENCES)


def test_own_cases_provoke_every_code_that_can_be_provoked() -> None:
    seen = {code for case in OWN + PUBLIC for code in (*case.errors, *case.hints)}
    assert (set(ERRORS) | set(HINTS)) - seen == NOT_PROVOKABLE


def test_there_are_hand_made_cases_and_mutations_of_both_verdicts() -> None:
    made = [case for case in OWN if case.id.startswith("made")]
    mutated = [case for case in OWN if case.id.startswith("mutation")]
    for group, least in ((made, 300), (mutated, 150)):
        assert sum(case.ok for case in group) >= least
        assert sum(not case.ok for case in group) >= least
