"""A document's own definitions of specified directives against those of their specifications."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.definitions import Given
from gateway.composition.subgraph import Subgraph
from gateway.language.elements import elements
from gateway.language.literals import same, text
from gateway.language.schema import BUILT_IN_SCALARS, DirectiveDefinition, InputValue, Kind
from gateway.language.type_refs import is_non_null, named, nullable


def judge(subgraph: Subgraph, given: Given) -> None:
    """Compares the document's own definitions with those of the specifications.

    A bad definition and its applications are dropped, so that one mistake is reported once.
    """
    wrong = {own.name: expected for own, expected in given if not _is_as_expected(subgraph, own, expected)}
    subgraph.schema.definitions |= wrong
    for element in elements(subgraph.schema) if wrong else ():
        element.directives = [entry for entry in element.directives if entry.name not in wrong]


def _is_as_expected(subgraph: Subgraph, given: DirectiveDefinition, expected: DirectiveDefinition) -> bool:
    if subgraph.fed1 and any(argument.required for argument in expected.args.values()) and not given.args:
        subgraph.schema.definitions[given.name] = expected
        return True
    problems: list[str] = []
    for name, argument in expected.args.items():
        if name in given.args:
            problems += _argument_problems(subgraph, given.args[name], argument)
        elif argument.required:
            problems.append(f'missing required argument "{name}"')
    problems += [f'unknown/unsupported argument "{name}"' for name in given.args if name not in expected.args]
    if given.repeatable and not expected.repeatable:
        problems.append(f'"@{given.name}" should not be repeatable')
    odd = [location for location in given.locations if location not in expected.locations]
    if odd:
        allowed = ", ".join(expected.locations)
        problems.append(f'"@{given.name}" should have locations {allowed}, but found (non-subset) {", ".join(odd)}')
    for problem in problems:
        subgraph.error(
            "DIRECTIVE_DEFINITION_INVALID", f'Invalid definition for directive "@{given.name}": {problem}', given.node
        )
    return not problems


def _argument_problems(subgraph: Subgraph, given: InputValue, expected: InputValue) -> Iterator[str]:
    if not _compatible(subgraph, given.type, expected.type):
        yield f'argument "{given.name}" should have type "{expected.type}" but found type "{given.type}"'
    elif expected.has_default and not same(given.default, expected.default):
        yield (
            f'argument "{given.name}" should have default value {text(expected.default)} '
            f"but found default value {text(given.default)}"
        )


def _compatible(subgraph: Subgraph, given: str, expected: str) -> bool:
    """A stricter nullability is fine; a built-in type may stand for one of the specification's scalars."""
    if is_non_null(expected) and not is_non_null(given):
        return False
    given, expected = nullable(given), nullable(expected)
    if given == expected:
        return True
    if subgraph.fed1 and given == "_FieldSet":
        return True
    owner = subgraph.schema.types.get(named(given))
    return named(expected) not in BUILT_IN_SCALARS and not (owner is not None and owner.kind is Kind.SCALAR)
