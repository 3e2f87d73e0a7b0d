"""What must hold of the merged schema, one module per subject, in steps.

The first looks at whole types and runs even after a merge with errors. The others run only when nothing was found
before: what fields promise each other, then GraphQL's own rules, then what clients may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.composition.merge.state import Merge
from gateway.composition.supergraph_rules import (
    authorization,
    inaccessible,
    interface_fields,
    interface_keys,
    interface_objects,
    required_arguments,
)
from gateway.composition.validity import applications, deprecations, implementations, references
from gateway.composition.validity.problem import Problem
from gateway.language.schema import Schema

_STEPS = (
    (interface_keys.check, interface_objects.check),
    (interface_fields.check, required_arguments.check, authorization.check),
    (lambda merge: _check_validity(merge),),
    (inaccessible.check,),
)


def check(merge: Merge) -> None:
    """Reports what is wrong with a merged schema."""
    for step in _STEPS:
        for rule in step:
            rule(merge)
        if merge.report.errors:
            return


def _check_validity(merge: Merge) -> None:
    rules: tuple[Callable[[Schema], Iterator[Problem]], ...] = (
        references.check,
        implementations.check,
        deprecations.check,
        lambda schema: applications.check_use(schema, merge.composed),
    )
    for rule in rules if merge.composed else rules[:-1]:
        for problem in rule(merge.schema):
            merge.report.error("INVALID_GRAPHQL", f"In the supergraph: {problem.message}")
        if merge.report.errors:
            return
