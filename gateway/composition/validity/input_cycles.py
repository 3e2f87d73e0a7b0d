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
    for name in _in_cycles(needs):
        yield Problem(
            f'Cannot reference Input Object "{name}" within itself through a series of non-null fields.',
            schema.types[name].node,
        )


def _in_cycles(needs: dict[str, list[str]]) -> Iterator[str]:
    """One member of each cycle, by taking away again and again what needs nothing that is left."""
    left = {name: sum(other in needs for other in others) for name, others in needs.items()}
    needed_by: dict[str, list[str]] = {}
    for name, others in needs.items():
        for other in others:
            needed_by.setdefault(other, []).append(name)
    waiting = [name for name, count in left.items() if count == 0]
    while waiting:
        name = waiting.pop()
        del left[name]
        for other in needed_by.get(name, ()):
            left[other] -= 1
            if left[other] == 0:
                waiting.append(other)
    while left:
        name = _on_a_cycle(next(iter(left)), needs, left)
        yield name
        for member in _reached(name, needs, left):
            left.pop(member, None)


def _on_a_cycle(start: str, needs: dict[str, list[str]], left: dict[str, int]) -> str:
    """Following needs among what is left must come to something a second time."""
    seen: set[str] = set()
    while start not in seen:
        seen.add(start)
        start = next(other for other in needs[start] if other in left)
    return start


def _reached(start: str, needs: dict[str, list[str]], left: dict[str, int]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for other in needs[waiting.pop()]:
            if other in left and other not in found:
                found.add(other)
                waiting.append(other)
    return found
