"""The stage as one function: every operation kind, every state of the override labels."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.merge.state import Merge
from gateway.composition.satisfiability.budget import Budget, BudgetExceeded
from gateway.composition.satisfiability.reach import Reach
from gateway.composition.satisfiability.tables import contextual, tables
from gateway.composition.satisfiability.walk import Findings, Walk
from gateway.graph.nodes import Graph

MAX_LABELS_IN_FULL = 4  # beyond that, labels are tried one by one instead of in all combinations


def check(merge: Merge, budget: Budget | None = None) -> None:
    """Reports queries that cannot be answered, and shared fields whose subgraphs disagree."""
    findings = Findings()
    supergraph, contexts = tables(merge), contextual(merge)
    budget = budget or Budget()
    try:
        for labels in _label_states(sorted(supergraph.labels)):
            reach = Reach(Graph(supergraph, labels), contexts, budget)
            for operation, root in merge.schema.roots.items():
                Walk(merge.schema, reach, operation, findings).run(root)
    except BudgetExceeded:
        message = "The supergraph has too many ways through its subgraphs to be checked. Share fewer fields or keys."
        findings.errors[message] = "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
    for message, code in findings.errors.items():
        merge.report.error(code, message)
    for message, (code, coordinate) in findings.hints.items():
        merge.report.hint(code, message, coordinate)


def _label_states(labels: list[str]) -> Iterator[frozenset[str]]:
    if len(labels) <= MAX_LABELS_IN_FULL:
        for bits in range(1 << len(labels)):
            yield frozenset(label for place, label in enumerate(labels) if bits >> place & 1)
        return
    yield frozenset()
    yield frozenset(labels)
    for label in labels:
        yield frozenset({label})
        yield frozenset(labels) - {label}
