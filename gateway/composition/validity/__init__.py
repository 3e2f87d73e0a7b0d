"""Whether a completed subgraph is valid GraphQL, one module per rule.

Each rule is a function of a schema that yields problems; all of them are reported as INVALID_GRAPHQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.composition.subgraph import Subgraph
from gateway.composition.validity import (
    applications,
    defaults,
    deprecations,
    emptiness,
    implementations,
    input_cycles,
    names,
    references,
    roots,
)
from gateway.composition.validity.problem import Problem
from gateway.language.schema import Schema

_RULES: tuple[Callable[[Schema], Iterator[Problem]], ...] = (
    names.check,
    references.check,
    roots.check,
    emptiness.check,
    implementations.check,
    input_cycles.check,
    applications.check,
    defaults.check,
    deprecations.check,
)


def check(subgraph: Subgraph) -> bool:
    """Whether the subgraph is valid; rules after `references` run only on schemas without dangling references."""
    valid = True
    for rule in _RULES:
        for problem in rule(subgraph.schema):
            subgraph.error("INVALID_GRAPHQL", problem.message, problem.node)
            valid = False
        if rule is references.check and not valid:
            return False
    return valid
