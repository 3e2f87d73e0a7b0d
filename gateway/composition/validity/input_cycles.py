"""No input object needs itself to exist: a cycle of non-null fields has no finite value."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.validity.problem import Problem
from gateway.language.schema import Kind, Schema
from gateway.language.type_refs import is_list, is_non_null, named


def check(schema: Schema) -> Iterator[Problem]:
    needs = {
        owner.name: [
            named(entry.type)
            for entry in owner.inputs.values()
            if is_non_null(entry.type) and not is_list(entry.type) and not entry.has_default
        ]
        for owner in schema.of_kind(Kind.INPUT)
    }
    done: set[str] = set()
    for name in needs:
        if name not in done and _reaches(name, needs, done):
            yield Problem(
                f'Cannot reference Input Object "{name}" within itself through a series of non-null fields.',
                schema.types[name].node,
            )


def _reaches(start: str, needs: dict[str, list[str]], done: set[str]) -> bool:
    """Whether following needs from `start` comes back to it; what was followed is done."""
    waiting, seen = list(needs[start]), set[str]()
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name in needs and name not in seen:
            seen.add(name)
            waiting += needs[name]
    done.add(start)
    return False
