"""Merges steps that call one subgraph for one place in the same wave: one call, several types of representations.

Steps merge only if they wait for the same steps, so that the failure of one call takes no more with it than before.
"""

from __future__ import annotations

from typing import Literal

from gateway.planner.fetch_graph import FetchGraph, Step
from gateway.planner.nodes import InputField, InputSelection, Representation
from gateway.planner.optimise.levels import levels
from gateway.planner.output import Output


def merge_siblings(graph: FetchGraph) -> None:
    """Merges until no two steps of a wave can be merged."""
    wave_of = levels(graph)
    kept: dict[tuple[object, ...], list[Step]] = {}
    for number in sorted(graph.steps):
        step = graph.steps[number]
        slot = (wave_of[number], step.subgraph, step.scope, bool(step.representations), step.condition)
        for other in kept.setdefault(slot, []):
            if other.after == step.after and _merge(other, step):
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
    representations = _merged(into.representations, step.representations)
    if representations is None:
        return False
    into.representations = representations
    into.paths += [path for path in step.paths if path not in into.paths]
    into.output = _joined(into.output, step.output)
    return True


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
    result = list(left)
    for theirs in right:
        for at, mine in enumerate(result):
            if mine.types == theirs.types and mine.typename == theirs.typename:
                selections = _union(mine.selections, theirs.selections)
                if selections is None:
                    return None
                result[at] = Representation(mine.types, mine.typename, selections)
                break
            if mine.selections == theirs.selections and (shared := _shared_typename(mine, theirs)) is not False:
                types = None if mine.types is None or theirs.types is None else mine.types | theirs.types
                result[at] = Representation(types, shared, mine.selections)
                break
            if mine.types is None or theirs.types is None or mine.types & theirs.types:
                return None
        else:
            result.append(theirs)
    return result


def _shared_typename(left: Representation, right: Representation) -> str | Literal[False] | None:
    """What both can send as `__typename`: the same name, or each object its own (None); False if neither will do."""
    if left.typename == right.typename:
        return left.typename
    own = all(item.types is not None and item.typename in (None, *item.types) for item in (left, right))
    single = all(item.typename is None or len(item.types or ()) == 1 for item in (left, right))
    return None if own and single else False


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
