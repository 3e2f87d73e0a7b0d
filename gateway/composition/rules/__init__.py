"""What the federation specifications demand of each subgraph alone, one module per subject.

A rule is a function of a subgraph and its facts that reports through the subgraph.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.composition.facts import Facts
from gateway.composition.rules import (
    authorization,
    contexts,
    cost,
    external,
    interface_keys,
    interface_objects,
    keys,
    list_size,
    provides,
    requires,
    roots,
    shareable,
)
from gateway.composition.subgraph import Subgraph

_RULES: tuple[Callable[[Subgraph, Facts], None], ...] = (
    keys.check,
    requires.check,
    provides.check,
    external.check,
    interface_keys.check,
    interface_objects.check,
    shareable.check,
    contexts.check,
    cost.check,
    list_size.check,
    authorization.check,
)


def check_roots(subgraph: Subgraph) -> None:
    """The one rule for a federation 1 subgraph before its upgrade."""
    roots.check(subgraph)


def check(subgraph: Subgraph) -> None:
    """Applies every rule to a valid, completed subgraph."""
    facts = Facts(subgraph.schema)
    if provides.misplaced(subgraph, facts):
        return
    roots.check(subgraph)
    for rule in _RULES:
        rule(subgraph, facts)
