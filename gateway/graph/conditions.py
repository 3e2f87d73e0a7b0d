"""Owns the conditions of selections: which Boolean client variables must hold which value.

A condition is a disjunction of conjunctions of literals. Invariant: no clause contradicts itself and none is implied
by another, so equal conditions usually are equal values.
"""

from __future__ import annotations

from collections.abc import Iterable

Literal = tuple[str, bool]
Clause = frozenset[Literal]
Condition = frozenset[Clause]

ALWAYS: Condition = frozenset({frozenset()})
NEVER: Condition = frozenset()


def literal(variable: str, value: bool) -> Condition:
    """Holds while the variable has the value."""
    return frozenset({frozenset({(variable, value)})})


def both(left: Condition, right: Condition) -> Condition:
    """Holds when both hold."""
    if left is ALWAYS or left == right:
        return right
    if right is ALWAYS:
        return left
    return _minimal(a | b for a in left for b in right)


def either(left: Condition, right: Condition) -> Condition:
    """Holds when at least one holds."""
    if left == right:
        return left
    return _minimal([*left, *right])


def without(condition: Condition, other: Condition) -> Condition:
    """Holds when the condition does and the other does not."""
    for clause in other:
        condition = both(condition, frozenset(frozenset({(name, not value)}) for name, value in clause))
    return condition


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Holds when one of them does."""
    result = NEVER
    for condition in conditions:
        result = either(result, condition) if result else condition
    return result


def implies(left: Condition, right: Condition) -> bool:
    """Whether `right` holds whenever `left` does."""
    return all(_holds(_given(right, clause)) for clause in left)


def disjoint(condition: Condition) -> tuple[Clause, ...]:
    """Clauses of which exactly one holds whenever the condition does, in a fixed order."""
    if condition == ALWAYS or not condition:
        return tuple(condition)
    if len(condition) == 1:
        return tuple(condition)
    variable = min(name for clause in condition for name, _ in clause)
    result: list[Clause] = []
    for value in (True, False):
        rest = _given(condition, frozenset({(variable, value)}))
        result += [clause | {(variable, value)} for clause in disjoint(rest)]
    return tuple(result)


def show(condition: Condition) -> str:
    """Text for dumps, empty when the condition always holds."""
    if condition == ALWAYS:
        return ""
    clauses = sorted("&".join(name if value else f"!{name}" for name, value in sorted(clause)) for clause in condition)
    return f" if {'|'.join(clauses) or 'never'}"


def _given(condition: Condition, facts: Clause) -> Condition:
    """What is left of a condition when the facts are known."""
    return _minimal(
        clause - facts for clause in condition if not any((name, not value) in facts for name, value in clause)
    )


def _holds(condition: Condition) -> bool:
    """Whether a condition holds for all values of its variables."""
    if condition == ALWAYS or not condition:
        return condition == ALWAYS
    variable = min(name for clause in condition for name, _ in clause)
    return all(_holds(_given(condition, frozenset({(variable, value)}))) for value in (True, False))


def _minimal(clauses: Iterable[Clause]) -> Condition:
    unique = {clause for clause in clauses if not any((name, not value) in clause for name, value in clause)}
    complement = _resolve(unique)
    minimal = frozenset(clause for clause in complement if not any(other < clause for other in complement))
    return ALWAYS if frozenset() in minimal else minimal


def _resolve(clauses: set[Clause]) -> set[Clause]:
    """Adds what follows from two clauses that differ in one literal's sign: `a or not a` always holds."""
    result = set(clauses)
    pending = list(clauses)
    while pending:
        clause = pending.pop()
        for other in list(result):
            for name, value in clause:
                rest = clause - {(name, value)}
                if other == rest | {(name, not value)} and rest not in result:
                    result.add(rest)
                    pending.append(rest)
    return result
