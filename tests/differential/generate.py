"""Owns the order in which a world is drawn from its seed."""

from __future__ import annotations

from tests.differential.drawing.abstracts import draw_interfaces, draw_unions
from tests.differential.drawing.contexts import draw_contexts
from tests.differential.drawing.draft import Draft
from tests.differential.drawing.entities import draw_entities, draw_split_values, draw_values
from tests.differential.drawing.faults import draw_faults
from tests.differential.drawing.references import draw_entities_below_values, draw_references, draw_roots
from tests.differential.drawing.requirements import draw_requirements
from tests.differential.world import World

STEPS = (
    draw_values,
    draw_entities,
    draw_interfaces,
    draw_unions,
    draw_entities_below_values,
    draw_references,
    draw_requirements,
    draw_roots,
    draw_split_values,
    draw_faults,
    draw_contexts,
)


def generate_world(seed: int, *, contexts: bool = True) -> World:
    """The world of a seed, with contexts in some or in none."""
    draft = Draft(seed)
    for step in STEPS:
        if contexts or step is not draw_contexts:
            step(draft)
    return draft.world
