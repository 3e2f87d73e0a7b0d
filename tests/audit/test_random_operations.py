"""Random valid operations on the audit's graphs are planned soundly or refused with a code; nothing else happens."""

from __future__ import annotations

import pytest
from graphql import parse, validate

from gateway.planner.errors import NoPath
from gateway.planner.nodes import fetches_of
from gateway.planner.soundness import check_soundness
from tests.audit.suites import planner, subgraph_schema, suite_names
from tests.differential.operations import random_operation

OPERATIONS = 12


@pytest.mark.parametrize("name", suite_names())
def test_plans_are_sound_or_refused(name: str) -> None:
    on = planner(name)
    for seed in range(OPERATIONS):
        text = random_operation(on.supergraph.api_schema, seed).text()
        document = parse(text)
        if validate(on.supergraph.api_schema, document):
            continue
        try:
            stages = on.stages(document)
        except NoPath:
            continue
        for fetch in fetches_of(stages.plan.root):
            problems = validate(subgraph_schema(name, fetch.service), parse(fetch.document))
            assert problems == [], f"{text}\n{fetch.document}"
        assert check_soundness(on.supergraph, stages.operation, stages.plan) == [], text
