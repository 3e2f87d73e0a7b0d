"""Merges steps that call one subgraph for one place in the same wave: one call, several types of representations.

Steps merge only if they wait for the same steps, so that the failure of one call takes no more with it than before, and
only if they take the same values from above: a missing value must not take other fields with it.
"""

from __future__ import annotations

from gateway.planner.nodes import InputField, InputSelection, Representation
from gateway.planner.optimise.levels import levels
from gateway.planner.output import Output
from gateway.planner.steps import FetchGraph, Step


def merge_siblings(graph: FetchGraph) -> None:
    """Merges until no two steps of a wave can be merged."""
    wave_of = levels(graph)
    kept: dict[tuple[object, ...], list[Step]] = {}
    for number in sorted(graph.steps):
        step = graph.steps[number]
        slot = (wave_of[number], step.part, step.subgraph, step.scope, bool(step.representations), step.condition)
        for other in kept.setdefault(slot, []):
            if other.after == step.after and other.contexts == step.contexts and _merge(other, step):
                _replace(graph, number, other.number)
                break
        else:
            kept[slot].append(step)


def _replace(graph: FetchGraph, number: int, by: int) -> None:
    del graph.steps[number]
    for step in graph.steps.values():
        if number in step.after:
            step.after = (step.after - {number}) | {by}


def _merge(into: Step, step: Step) -> bool:
    if not step.representations:
        into.output.merge(step.output)
        return True
    if into.output.type_name == step.output.type_name and _ask_differently(into, step):
        return False
    representations = _merged(into.representations, step.representations)
    if representations is None:
        return False
    into.representations = representations
    into.paths += [path for path in step.paths if path not in into.paths]
    into.output = _joined(into.output, step.output)
    return True


def _ask_differently(left: Step, right: Step) -> bool:
    """Whether joining would ask objects for what they are not to be asked: concrete types that one interface object
    stands for share their selections, whatever each of them brought. What a type did not select may fail, and take with
    it what the type did select.
    """
    shapes = [{item.types: item.selections for item in step.representations} for step in (left, right)]
    if shapes[0].keys() == shapes[1].keys():
        return False
    return set(shapes[0].values()) != set(shapes[1].values()) or not left.output.selects_like(right.output)


def _joined(left: Output, right: Output) -> Output:
    """One selection on `_entities`: the same type merges, another one becomes a fragment beside it."""
    if left.type_name == right.type_name:
        left.merge(right)
        return left
    if left.type_name == ENTITIES:
        left.on(right.type_name).merge(right)
        return left
    both = Output(ENTITIES)
    both.on(left.type_name).merge(left)
    both.on(right.type_name).merge(right)
    return both


ENTITIES = "_Entity"


def _merged(left: list[Representation], right: list[Representation]) -> list[Representation] | None:
    """Both lists as one that gives every object one representation; None if they contradict each other."""
    shapes: dict[str | None, _Shape] = {}
    for representation in (*left, *right):
        for type_name in (None,) if representation.types is None else sorted(representation.types):
            typename = representation.typename or type_name
            known = shapes.get(type_name, (typename, ()))
            selections = _union(known[1], representation.selections)
            if known[0] != typename or selections is None:
                return None
            shapes[type_name] = (typename, selections)
    if None in shapes and len(shapes) > 1:
        return None
    return _grouped(shapes)


_Shape = tuple[str | None, tuple[InputSelection, ...]]


def _grouped(shapes: dict[str | None, _Shape]) -> list[Representation]:
    """One representation for all types of one shape; types that send their own names share one too."""
    groups: dict[_Shape, list[str | None]] = {}
    for type_name, (typename, selections) in shapes.items():
        slot = (None if typename == type_name else typename, selections)
        groups.setdefault(slot, []).append(type_name)
    result: list[Representation] = []
    for (typename, selections), names in groups.items():
        types = frozenset(name for name in names if name is not None) or None
        single = names[0] if len(names) == 1 else None
        result.append(Representation(types, typename or single, selections))
    return result


def _union(left: tuple[InputSelection, ...], right: tuple[InputSelection, ...]) -> tuple[InputSelection, ...] | None:
    result = list(left)
    names = {item.name: item for item in left if isinstance(item, InputField)}
    for item in right:
        if item in result:
            continue
        if isinstance(item, InputField) and item.name not in names:
            result.append(item)
        else:
            return None
    return tuple(result)
