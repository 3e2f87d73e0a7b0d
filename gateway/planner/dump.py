"""Owns the text form of every stage: for people, for golden tests, for `plan --stages`.

Invariant: the same stage gives the same text, whatever the order of sets and hashes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.graph.conditions import show
from gateway.planner.nodes import (
    Condition,
    Defer,
    EntityEntry,
    Fetch,
    InputField,
    InputSelection,
    Items,
    Key,
    Parallel,
    Path,
    PlanNode,
    ProjectedField,
    Projection,
    QueryPlan,
    Representation,
    Sequence,
    Subscription,
)
from gateway.planner.site import BASE, Gate, Site
from gateway.planner.steps import FetchGraph


def dump_site(site: Site) -> str:
    """What is resolved where."""
    return "\n".join(_site(site, ""))


def dump_fetch_graph(graph: FetchGraph) -> str:
    """One line for each step and one for what it selects."""
    lines: list[str] = []
    for number in sorted(graph.steps):
        step = graph.steps[number]
        waits = f" after {', '.join(map(str, sorted(step.after)))}" if step.after else ""
        where = ", ".join(show_path(path) or "root" for path in step.paths)
        lines.append(f"{number}: {step.subgraph} at {where}{waits}{show(step.condition)}")
        lines += [f"   needs {_representation(item)}" for item in step.representations]
        lines += [
            f"   ${argument.context} {{{_inputs(source.selections)}}} from {source.depth} down as {argument.name}"
            for argument, source in step.contexts.items()
        ]
    return "\n".join([*lines, "keys:", *graph.root.show("  ")])


def dump_plan(plan: QueryPlan) -> str:
    """The plan's tree."""
    return "\n".join(_node(plan.root, "") if plan.root is not None else ["nothing to fetch"])


def dump_projection(projection: Projection) -> str:
    """What the client gets, field by field."""
    return "\n".join(_projection(projection, ""))


def show_path(path: Path) -> str:
    """A path as people write it: `products.@|[Book].author`."""
    text = ""
    for segment in path:
        if isinstance(segment, Key):
            text += f".{segment.name}"
        elif isinstance(segment, Items):
            text += ".@"
        else:
            text += f"|[{','.join(sorted(segment.names))}]"
    return text.lstrip(".")


def _site(site: Site, indent: str) -> Iterator[str]:
    for pick in site.base:
        yield f"{indent}{pick.field.response_key}: {pick.field.name}{pick.field.arguments}{show(pick.field.condition)}"
        if pick.site is not None:
            yield from _site(pick.site, indent + "  ")
    for type_name, variant in site.variants:
        yield f"{indent}on {type_name}"
        yield from _site(variant, indent + "  ")
    for index, gate in enumerate(site.gates):
        yield from _gate(index, gate, indent)


def _gate(index: int, gate: Gate, indent: str) -> Iterator[str]:
    needs = [f"{need.field.text} from {'here' if need.slot == BASE else f'#{need.slot}'}" for need in gate.needs]
    by = f" by {', '.join(needs)}" if needs else ""
    yield f"{indent}#{index} -> {gate.edge.target.subgraph} as {gate.edge.typename}{by}{show(gate.condition)}"
    yield from _site(gate.site, indent + "    ")


def _node(node: PlanNode, indent: str) -> Iterator[str]:
    inner = indent + "  "
    match node:
        case Fetch():
            yield from _fetch(node, indent)
        case Sequence(nodes) | Parallel(nodes):
            yield f"{indent}{type(node).__name__}"
            for each in nodes:
                yield from _node(each, inner)
        case Condition(variable, if_true, if_false):
            for value, branch in (("", if_true), ("not ", if_false)):
                if branch is not None:
                    yield f"{indent}If {value}${variable}"
                    yield from _node(branch, inner)
        case Subscription(primary, rest):
            yield f"{indent}Subscription"
            yield from _node(primary, inner)
            if rest is not None:
                yield f"{indent}Then"
                yield from _node(rest, inner)
        case Defer():
            yield from _defer(node, indent)


def _defer(node: Defer, indent: str) -> Iterator[str]:
    yield f"{indent}Defer"
    if node.primary is not None:
        yield from _node(node.primary, indent + "  ")
    for part in node.deferred:
        label = f" {part.label}" if part.label else ""
        yield f"{indent}Deferred {part.id}{label} at {show_path(part.path) or 'root'}"
        if part.node is not None:
            yield from _node(part.node, indent + "  ")


def _fetch(fetch: Fetch, indent: str) -> Iterator[str]:
    where = f" at {show_path(fetch.path)}" if fetch.path else ""
    yield f"{indent}Fetch {fetch.id} {fetch.service}{where}"
    for entry in fetch.entries:
        yield from _entry(entry, indent + "  ")
    yield f"{indent}  {fetch.document}"


def _entry(entry: EntityEntry, indent: str) -> Iterator[str]:
    skipped = "".join(f" unless {'' if value else 'not '}${name}" for name, value in entry.skip_if)
    paths = ", ".join(show_path(path) for path in entry.paths)
    yield f"{indent}{entry.alias} at {paths}{skipped}"
    for variable in entry.contexts:
        for path, source in zip(entry.paths, variable.sources, strict=True):
            where = show_path(path[: source.depth]) or "root"
            yield f"{indent}  ${variable.name} from {where} {{{_inputs(source.selections)}}}"
    for representation in entry.representations:
        yield f"{indent}  {_representation(representation)}"


def _representation(item: Representation) -> str:
    types = "any" if item.types is None else "|".join(sorted(item.types))
    return f"{types} as {item.typename or 'itself'} {{{_inputs(item.selections)}}}"


def _inputs(selections: tuple[InputSelection, ...]) -> str:
    parts: list[str] = []
    for item in selections:
        if isinstance(item, InputField):
            name = item.name if item.source == item.name else f"{item.name}={item.source}"
            below = f" {{{_inputs(item.selections)}}}" if item.selections else ""
            parts.append(f"{name}{'?' if item.nullable else ''}{below}")
        else:
            parts.append(f"on {'|'.join(sorted(item.types))} {{{_inputs(item.selections)}}}")
    return " ".join(parts)


def _projection(projection: Projection, indent: str) -> Iterator[str]:
    for field in projection.fields:
        yield f"{indent}{_projected(field)}"
        if field.children is not None:
            yield from _projection(field.children, indent + "  ")
    for spot in projection.spots:
        guards = _guards(spot.types, spot.conditions)
        yield f"{indent}part {spot.part}{' ' if guards else ''}{', '.join(guards)}"
        yield from _projection(spot.projection, indent + "  ")


def _guards(types: frozenset[str] | None, conditions: tuple[tuple[str, bool], ...]) -> list[str]:
    notes = [] if types is None else [f"on {'|'.join(sorted(types))}"]
    return notes + [f"if {'' if value else 'not '}${name}" for name, value in conditions]


def _projected(field: ProjectedField) -> str:
    notes = [f"from {field.source}"] if field.source != field.response_key else []
    notes += _guards(field.types, field.conditions)
    if field.enum_values is not None:
        notes.append(f"one of {'|'.join(sorted(field.enum_values))}")
    if field.possible_types is not None:
        notes.append(f"is {'|'.join(sorted(field.possible_types))}")
    shape = "".join("?" if nullable else "!" for nullable in field.shape.nullable)
    return f"{field.response_key}{shape}{' ' if notes else ''}{', '.join(notes)}"
