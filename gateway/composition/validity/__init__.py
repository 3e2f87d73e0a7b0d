"""Whether a completed subgraph is valid GraphQL, one module per rule.

Each rule is a function of a schema that yields problems; all of them are reported as INVALID_GRAPHQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.composition.links import LINK
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
    emptiness.check,
    implementations.check,
    input_cycles.check,
    applications.check,
    defaults.check,
    deprecations.check,
)


def check_references(subgraph: Subgraph) -> bool:
    """Whether all types that are mentioned exist; the other rules rely on it."""
    return _holds(subgraph, references.check)


def check_own_references(subgraph: Subgraph) -> None:
    """Whether a document defines what it mentions; only what `@link` itself needs is added to it beforehand."""
    own = subgraph.links.feature(LINK)
    given = {name: own.type_name(name) if own else f"link__{name}" for name in ("Import", "Purpose")}
    _holds(subgraph, lambda schema: references.check_known(schema, frozenset(given.values())))


def check_roots(subgraph: Subgraph) -> bool:
    """Whether the root types exist and are objects."""
    return _holds(subgraph, roots.check)


def check_directives_known(subgraph: Subgraph) -> None:
    """Reports unknown directives alone."""
    _holds(subgraph, applications.check_known)


def check(subgraph: Subgraph) -> None:
    """Applies the other rules to a subgraph without dangling references."""
    for rule in _RULES:
        _holds(subgraph, rule)


def _holds(subgraph: Subgraph, rule: Callable[[Schema], Iterator[Problem]]) -> bool:
    problems = list(rule(subgraph.schema))
    for problem in problems:
        subgraph.error("INVALID_GRAPHQL", problem.message, problem.node)
    return not problems
