"""Makes a client's document ready to run: every stage that needs no variables, in order, and a bounded memory of it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
)

from gateway.executor.errors import gateway_error
from gateway.executor.runner import Runner
from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.deferring import InParts, find_parts
from gateway.pipeline.entries import check_entries
from gateway.pipeline.introspection import Introspection, asks_for_schema, introspection_of
from gateway.pipeline.limits import Limits, check_limits
from gateway.pipeline.parse import choose_operation, parse_document
from gateway.pipeline.ports import Planner
from gateway.pipeline.validate import validate_document
from gateway.planner.nodes import OperationKind, fetches_of

_Key = tuple[bytes, str | None, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareOptions:
    """How documents are judged. `suggestions` lets error messages hint at names of the schema. `pass_replies`: whole
    replies are handed on unread where nothing has to be done to them.
    """

    limits: Limits = field(default_factory=Limits)
    introspection: bool = True
    suggestions: bool = True
    pass_replies: bool = False
    memory_entries: int = 1000
    memory_characters: int = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """An operation ready to run; compared by identity, so that it can stand in keys of what was made with it.

    `runner` answers everything at once; `in_parts` is there if the client lets something come later.
    """

    kind: OperationKind
    operation: OperationDefinitionNode
    document: DocumentNode
    runner: Runner
    variables: tuple[VariableDefinitionNode, ...]
    introspection: Introspection | None
    root_fields: frozenset[str]
    in_parts: InParts | None = None

    @cached_property
    def calls(self) -> int:
        """How many calls of subgraphs its plan makes at most."""
        return sum(1 for _ in fetches_of(self.runner.plan.root))


class Preparer:
    """Prepares documents for one schema and remembers the outcome, the least recently used first to go."""

    def __init__(self, schema: GraphQLSchema, plan: Planner, options: PrepareOptions) -> None:
        self._schema = schema
        self._plan = plan
        self._options = options
        self._memory: OrderedDict[_Key, tuple[Prepared, int]] = OrderedDict()
        self._characters = 0

    def prepare(self, text: str, operation_name: str | None, labels: frozenset[str] = frozenset()) -> Prepared:
        """Raises RequestRefused."""
        key = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), operation_name, labels)
        known = self._memory.get(key)
        if known is not None:
            self._memory.move_to_end(key)
            return known[0]
        prepared = self._prepare(text, operation_name, labels)
        self._remember(key, prepared, len(text))
        return prepared

    def _prepare(self, text: str, operation_name: str | None, labels: frozenset[str]) -> Prepared:
        options = self._options
        document = parse_document(text, options.limits)
        operation = choose_operation(document, operation_name)
        check_limits(document, operation, options.limits)
        if not options.introspection and asks_for_schema(document):
            raise RequestRefused.of("INTROSPECTION_DISABLED", "Introspection is switched off here.")
        validate_document(self._schema, document, suggestions=options.suggestions)
        if options.limits.entries is not None:
            check_entries(self._schema, document, operation, options.limits.entries)

        def make(deferring: frozenset[str] | None) -> Runner:
            return self._runner(document, operation_name, labels, deferring)

        return Prepared(
            kind=OperationKind(operation.operation.value),
            operation=operation,
            document=document,
            runner=make(None),
            variables=tuple(operation.variable_definitions or ()),
            introspection=introspection_of(self._schema, document, operation),
            root_fields=frozenset(_root_fields(document, operation.selection_set)),
            in_parts=find_parts(document, operation, make),
        )

    def _runner(
        self,
        document: DocumentNode,
        operation_name: str | None,
        labels: frozenset[str],
        deferring: frozenset[str] | None,
    ) -> Runner:
        try:
            plan = self._plan(document, operation_name, labels, deferring)
            return Runner(plan, pass_replies=self._options.pass_replies)
        except Exception as error:
            code, message = getattr(error, "code", None), getattr(error, "message", None)
            if isinstance(code, str) and isinstance(message, str):
                raise RequestRefused(gateway_error(code, message)) from error
            raise

    def _remember(self, key: _Key, prepared: Prepared, characters: int) -> None:
        self._memory[key] = (prepared, characters)
        self._characters += characters
        while len(self._memory) > self._options.memory_entries or self._characters > self._options.memory_characters:
            _, (_, forgotten) = self._memory.popitem(last=False)
            self._characters -= forgotten


def _root_fields(document: DocumentNode, selections: SelectionSetNode) -> Iterator[str]:
    """Names of the fields selected at the root of a valid operation."""
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _root_fields(document, node.selection_set)
        else:
            name = cast("FragmentSpreadNode", node).name.value
            for definition in document.definitions:
                if isinstance(definition, FragmentDefinitionNode) and definition.name.value == name:
                    yield from _root_fields(document, definition.selection_set)
