"""Owns the solved tree between the walk and the fetch graph: which entry resolves which field at each place.

A site is an object (or list of objects) in the response as it is entered in one subgraph. Invariant: everything under
`base` and `variants` is answered by the call that enters the site; every gate is one further call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.graph.conditions import Condition
from gateway.graph.nodes import EntityEdge, FieldEdge, Node
from gateway.graph.selection import Field, SelectionSet
from gateway.planner.demands import Demand, joined, under_condition

GATE_COST = 1000
SHARED_GATE_COST = 50
BASE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """A field resolved along an edge; `site` is the place it leads to, None for leaves."""

    field: Field
    edge: FieldEdge
    site: Site | None


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """A field that a gate's representations carry, and the slot (gate index, or BASE) that resolves it under a key."""

    field: Field
    slot: int
    required: bool
    response_key: str


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A further entry from a site: the representation it needs and what is resolved behind it. `part`: the deferred
    part that begins there, if one does.
    """

    edge: EntityEdge
    needs: tuple[Need, ...]
    condition: Condition
    site: Site
    part: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """`variants`: what is resolved for one concrete type only. `typename`: whether `__typename` must be fetched.

    `fields` counts what is selected at any depth; `cost` is that, with every field behind a gate counted once more for
    each gate (of two plans with as many calls the one that gets more on the way is better), and the calls. Calls of
    deferred parts cost nothing here: what comes at once is not made slower for them. `demands`: what contextual
    arguments at any depth need of objects above the site; `asked`: what those below need of this one.
    """

    node: Node
    base: tuple[Pick, ...] = ()
    gates: tuple[Gate, ...] = ()
    variants: tuple[tuple[str, Site], ...] = ()
    typename: bool = False
    cost: int = 0
    fields: int = 0
    demands: tuple[Demand, ...] = ()
    asked: tuple[Demand, ...] = ()


def make_site(
    node: Node,
    base: Sequence[Pick] = (),
    gates: Sequence[Gate] = (),
    variants: Sequence[tuple[str, Site]] = (),
    typename: bool = False,
) -> Site:
    """A site with its cost: entries of several concrete types into one subgraph can share a call."""
    inner = [pick.site for pick in base if pick.site is not None] + [variant for _, variant in variants]
    fields = len(base) + sum(site.fields for site in inner) + sum(gate.site.fields for gate in gates)
    cost = len(base) + sum(site.cost for site in inner)
    cost += sum(GATE_COST + gate.site.cost + gate.site.fields for gate in gates if not gate.part)
    entered = [gate.edge.target.subgraph for _, variant in variants for gate in variant.gates if not gate.part]
    cost -= (GATE_COST - SHARED_GATE_COST) * (len(entered) - len(set(entered)))
    if not node.contexts and not node.sets:
        return Site(node, tuple(base), tuple(gates), tuple(variants), typename, cost, fields)
    rising = list(_rising(base, gates, variants))
    demands = joined(demand for demand, is_own in rising if is_own or demand.context not in node.sets)
    below = [demand for demand, is_own in rising if not is_own and demand.context in node.sets]
    asked = joined([*below, *(demand for gate in gates for demand in gate.site.asked)])
    return Site(node, tuple(base), tuple(gates), tuple(variants), typename, cost, fields, demands, asked)


def picks_at(site: Site) -> Iterator[tuple[str, Pick]]:
    """Every pick at a site's place, whichever call brings it, and the subgraph it is from; deferred parts left out."""
    for pick in site.base:
        yield site.node.subgraph, pick
    for inside in (*(variant for _, variant in site.variants), *(gate.site for gate in site.gates if not gate.part)):
        yield from picks_at(inside)


def _rising(
    base: Sequence[Pick], gates: Sequence[Gate], variants: Sequence[tuple[str, Site]]
) -> Iterator[tuple[Demand, bool]]:
    """Demands of a place's parts, and whether they are those of its own fields: these look further up than itself."""
    for pick in base:
        for argument in pick.edge.contexts:
            yield Demand(argument.context, argument.selection, pick.field.condition), True
        if pick.site is not None:
            for demand in under_condition(pick.site.demands, pick.field.condition):
                yield demand, False
    for inside in (*(gate.site for gate in gates), *(variant for _, variant in variants)):
        for demand in inside.demands:
            yield demand, True


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The best site found for some selections, and what no way from there resolves."""

    site: Site
    missing: SelectionSet | None = None
