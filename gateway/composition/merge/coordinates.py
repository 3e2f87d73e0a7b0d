"""Schema coordinates: the names under which hints and errors speak of merged elements."""

from __future__ import annotations

from gateway.composition.merge.state import Merge
from gateway.language.schema import Element


def coordinates(merge: Merge) -> dict[int, str]:
    """Schema coordinates of the merged elements, by identity."""
    found: dict[int, str] = {id(merge.schema): "schema"}
    for owner in merge.schema.types.values():
        found[id(owner)] = owner.name
        members: list[Element] = [*owner.fields.values(), *owner.inputs.values(), *owner.values.values()]
        for member in members:
            found[id(member)] = f"{owner.name}.{member.name}"
        for field_ in owner.fields.values():
            for argument in field_.args.values():
                found[id(argument)] = f"{owner.name}.{field_.name}({argument.name}:)"
    return found
