"""Owns the step from syntax to selections: named fragments are inlined, conditions read, dead branches dropped, and
fragments that come later marked.

Invariant: the result holds everything that the client selected and in its order; equal response keys are not merged
yet, since that needs types.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from gateway.graph.conditions import NEVER, Condition
from gateway.graph.selection import (
    Field,
    Fragment,
    Postponed,
    Selection,
    SelectionSet,
    print_arguments,
    under,
    variables_in,
)
from gateway.planner.errors import PlanningFailed
from gateway.planner.normalise.read_conditions import read_condition
from gateway.planner.normalise.read_postponement import find_postponement, read_label

MAX_SELECTIONS = 50_000


class _Inliner:
    """Inlines every named fragment once and counts it as often as it is spread, so that fragments that multiply end
    in a coded error before they cost anything.
    """

    def __init__(self, document: DocumentNode, deferring: Collection[str] | None) -> None:
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)
        }
        self._deferring = deferring
        self._numbers: dict[int, int] = {}
        self._inlined: dict[str, tuple[SelectionSet, int]] = {}
        self._left = MAX_SELECTIONS

    def inline(self, node: SelectionSetNode) -> Iterator[Selection]:
        for item in node.selections:
            condition = read_condition(item.directives)
            if condition == NEVER:
                continue
            self._count(1)
            postponed = self._postponed(item.directives)
            if isinstance(item, FieldNode):
                yield self._field(item, condition)
            elif isinstance(item, FragmentSpreadNode):
                definition = self._fragments[item.name.value]
                yield Fragment(definition.type_condition.name.value, self._named(definition), condition, postponed)
            elif isinstance(item, InlineFragmentNode) and (item.type_condition is not None or postponed is not None):
                below = SelectionSet(self.inline(item.selection_set))
                yield Fragment(
                    item.type_condition.name.value if item.type_condition else "", below, condition, postponed
                )
            elif isinstance(item, InlineFragmentNode):
                yield from under(SelectionSet(self.inline(item.selection_set)), condition)

    def _postponed(self, directives: Collection[DirectiveNode] | None) -> Postponed | None:
        if self._deferring is None:
            return None
        found = find_postponement(directives, self._deferring)
        if found is None:
            return None
        return Postponed(self._numbers.setdefault(id(found), len(self._numbers)), read_label(found))

    def _count(self, selections: int) -> None:
        self._left -= selections
        if self._left < 0:
            raise PlanningFailed(
                "OPERATION_TOO_LARGE",
                f"With its fragments inlined the operation has over {MAX_SELECTIONS} selections.",
            )

    def _named(self, definition: FragmentDefinitionNode) -> SelectionSet:
        name = definition.name.value
        known = self._inlined.get(name)
        if known is not None:
            self._count(known[1])
            return known[0]
        before = self._left
        selections = SelectionSet(self.inline(definition.selection_set))
        self._inlined[name] = (selections, before - self._left)
        return selections

    def _field(self, node: FieldNode, condition: Condition) -> Field:
        below = SelectionSet(self.inline(node.selection_set)) if node.selection_set else None
        return Field(
            response_key=node.alias.value if node.alias else node.name.value,
            name=node.name.value,
            arguments=print_arguments(node),
            variables=variables_in(node),
            condition=condition,
            selections=below,
        )


def inline_spreads(
    document: DocumentNode, node: SelectionSetNode, deferring: Collection[str] | None = None
) -> SelectionSet:
    """The selections of an operation without named fragments. `deferring`: the variables that are true, for `@defer`;
    None lets nothing come later.

    Raises:
        PlanningFailed: fragments multiply beyond what can be planned.
    """
    return SelectionSet(_Inliner(document, deferring).inline(node))
