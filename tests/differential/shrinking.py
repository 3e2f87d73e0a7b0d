"""Owns the cutting down of a failing operation: one selection after the other, as long as it still fails."""

from __future__ import annotations

from collections.abc import Iterator

from tests.differential.graph import Graph
from tests.differential.operations import Fragment, Node, RandomOperation


async def shrink(graph: Graph, operation: RandomOperation) -> RandomOperation:
    """The smallest operation found that still has a problem."""
    progress = True
    while progress:
        progress = False
        for smaller in _smaller(operation):
            if graph.accepts(smaller) and await graph.problem(smaller) is not None:
                operation, progress = smaller, True
                break
    return operation


def _smaller(operation: RandomOperation) -> Iterator[RandomOperation]:
    """The operation without one of its selections, larger ones first; with fewer variables; without a spread."""
    kind, fragments = operation.kind, operation.used_fragments()
    for selections in _without_one(operation.selections):
        yield RandomOperation(kind, selections, fragments, operation.given)
    for name, fragment in fragments.items():
        for selections in _without_one(fragment.selections):
            changed = fragments | {name: Fragment(fragment.on, selections)}
            yield RandomOperation(kind, operation.selections, changed, operation.given)
    for name in fragments:
        yield RandomOperation(kind, _inlined(operation.selections, fragments, name), fragments, operation.given)
    for name in operation.variables():
        given = {other: value for other, value in operation.given.items() if other != name}
        if name not in ("need", "yes"):
            yield RandomOperation(kind, operation.selections, fragments, given)


def _without_one(nodes: list[Node]) -> Iterator[list[Node]]:
    if len(nodes) > 1:
        for at in range(len(nodes)):
            yield nodes[:at] + nodes[at + 1 :]
    for at, node in enumerate(nodes):
        before, after = nodes[:at], nodes[at + 1 :]
        if node.below and node.head.startswith("..."):
            yield [*before, *node.below, *after]
        for below in _without_one(node.below or []):
            yield [*before, Node(node.head, below), *after]
        bare = node.head.split(" @")[0]
        if bare != node.head:
            yield [*before, Node(bare, node.below, node.spread), *after]


def _inlined(nodes: list[Node], fragments: dict[str, Fragment], name: str) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if node.spread == name:
            condition = node.head.removeprefix(f"...{name}")
            found.append(Node(f"... on {fragments[name].on}{condition}", fragments[name].selections))
        elif node.below is not None:
            found.append(Node(node.head, _inlined(node.below, fragments, name)))
        else:
            found.append(node)
    return found
