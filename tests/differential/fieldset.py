"""Owns field sets of keys, requirements and provisions: trees of picks, printed as the directives take them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Picks = tuple["Pick", ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """One selection: a field with literal arguments, or, where `on` is set, a type condition around `below`."""

    name: str = ""
    args: tuple[tuple[str, int], ...] = ()
    below: Picks = ()
    on: str = ""

    def text(self) -> str:
        head = f"... on {self.on}" if self.on else self.name
        if self.args:
            head += f"({', '.join(f'{name}: {value}' for name, value in self.args)})"
        return f"{head} {{ {text_of(self.below)} }}" if self.below else head


def text_of(picks: Picks) -> str:
    """The field set as a directive's argument."""
    return " ".join(pick.text() for pick in picks)


def names_of(picks: Picks) -> list[str]:
    """Fields picked of the object itself."""
    return [pick.name for pick in picks if not pick.on]


def picks_on(picks: Picks, type_name: str) -> Iterator[Pick]:
    """Field picks that apply to an object of a concrete type."""
    for pick in picks:
        if not pick.on:
            yield pick
        elif pick.on == type_name:
            yield from picks_on(pick.below, type_name)


class Lacking(AssertionError):
    """A representation came without something that it was to carry."""
