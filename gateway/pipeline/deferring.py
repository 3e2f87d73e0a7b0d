"""Finds the `@defer`s of an operation, and keeps its plans with deferred parts: one for each setting of the variables
that switch them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from gateway.executor.runner import Runner
from gateway.language import defer

MAX_KEPT = 8  # plans of one operation; further settings are planned each time they come


class InParts:
    """The runners of an operation with deferred parts. `make` plans for the variables that are true."""

    def __init__(self, switches: frozenset[str], make: Callable[[frozenset[str]], Runner], always: bool) -> None:
        self._switches = switches
        self._make = make
        self._always = always
        self._runners: dict[frozenset[str], Runner] = {}

    def is_wanted(self, coerced: Mapping[str, Any]) -> bool:
        """Whether anything is deferred under these variables."""
        return self._always or bool(self._on(coerced))

    def runner(self, coerced: Mapping[str, Any]) -> Runner:
        """The runner for these variables. Raises what planning raises."""
        on = self._on(coerced)
        runner = self._runners.get(on)
        if runner is None:
            runner = self._make(on)
            if len(self._runners) < MAX_KEPT:
                self._runners[on] = runner
        return runner

    def _on(self, coerced: Mapping[str, Any]) -> frozenset[str]:
        """A variable without a value leaves the argument its default, which is to defer."""
        return frozenset(name for name in self._switches if coerced.get(name, True))


def find_parts(
    document: DocumentNode, operation: OperationDefinitionNode, make: Callable[[frozenset[str]], Runner]
) -> InParts | None:
    """None for an operation without any `@defer` that could be on."""
    found = list(_deferrals(document, operation))
    switches = frozenset(value.name.value for value in map(_condition, found) if isinstance(value, VariableNode))
    always = any(not isinstance(_condition(each), VariableNode) for each in found if not _is_off(each))
    return InParts(switches, make, always) if switches or always else None


def _deferrals(document: DocumentNode, operation: OperationDefinitionNode) -> list[DirectiveNode]:
    """Every `@defer` that the operation reaches."""
    fragments = {item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)}
    found: list[DirectiveNode] = []
    spread: set[str] = set()
    pending: list[SelectionSetNode] = [operation.selection_set]
    while pending:
        for node in pending.pop().selections:
            found += [each for each in node.directives or () if each.name.value == defer.NAME]
            if isinstance(node, FragmentSpreadNode):
                if node.name.value not in spread:
                    spread.add(node.name.value)
                    pending.append(fragments[node.name.value].selection_set)
            elif (below := getattr(node, "selection_set", None)) is not None:
                pending.append(below)
    return found


def _condition(directive: DirectiveNode) -> Any:
    return next((item.value for item in directive.arguments or () if item.name.value == "if"), None)


def _is_off(directive: DirectiveNode) -> bool:
    condition = _condition(directive)
    return isinstance(condition, BooleanValueNode) and not condition.value
