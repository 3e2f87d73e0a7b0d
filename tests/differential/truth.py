"""Owns the truth that a random graph serves: a value for every field of every object.

Values are functions of (type, id, field, arguments): whoever asks, a subgraph or the one schema that serves everything,
gets the same. Ids carry their type (`T1-3`), so that an interface object's id leads to its concrete type.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import parse_value, value_from_ast_untyped

from tests.differential.fieldset import Picks, picks_on
from tests.differential.world import COLORS, HIDDEN_COLOR, FieldSpec, World

OBJECTS_OF_A_TYPE = 4


class WorldError(Exception):
    """An error that a field or an entity has in place of a value."""


@dataclass(frozen=True, slots=True)
class Obj:
    """An object on its way through resolvers.

    `provided`: external fields that may be asked for here; `carried`: what its representation brought; `above`: the
    object whose field led here, where that is known.
    """

    type_name: str
    id: str
    provided: Picks = ()
    carried: Mapping[str, Any] | None = None
    above: Obj | None = None


class Truth:
    """Looks values up. `unseen_failures` counts errors that a value was made of, which its own client never sees."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.unseen_failures = 0

    def value(
        self, type_name: str, id_: str, spec: FieldSpec, args: Mapping[str, Any], above: Obj | None = None
    ) -> Any:
        """What a field holds: a leaf, an `Obj`, lists of them, or None. Raises WorldError."""
        inputs: Any = self._picked(type_name, id_, spec.requires) if spec.requires else None
        if spec.contexts:
            inputs = [inputs, *(self._from_above(above, name) for name in spec.contexts)]
        return self.made_of(inputs, type_name, id_, spec, args)

    def _from_above(self, holder: Obj | None, name: str) -> Any:
        """What the nearest object above that sets a context hands down."""
        context = self.world.contexts[name]
        while holder is not None and holder.type_name not in context.fields:
            holder = holder.above
        assert holder is not None, f"nobody sets {name}"
        spec = self.world.field(holder.type_name, context.fields[holder.type_name])
        return self.value(holder.type_name, holder.id, spec, {})

    def made_of(self, inputs: Any, type_name: str, id_: str, spec: FieldSpec, args: Mapping[str, Any]) -> Any:
        """The value of a field whose requirements are these."""
        if spec.key:
            return self._identity(type_name, id_, spec)
        absence = self._absence(type_name, id_, spec)
        if absence is not None:
            if absence:
                raise WorldError(f"{id_} is lost")
            return None
        if spec.fails and self._draw("fail", type_name, id_, spec.name) % 3 == 0:
            raise WorldError(f"{spec.name} of {id_} fails")
        seen = {
            name: value for name, value in args.items() if not name.startswith("dark") and name not in spec.contexts
        }
        return self._level(spec, (type_name, id_, spec.name, seen, inputs), 0)

    def is_missing(self, subgraph: str, type_name: str, id_: str) -> bool:
        """Whether the subgraph does not have the entity."""
        return (subgraph, type_name) in self.world.missing and self._draw("missing", subgraph, id_) % 3 == 0

    def absence(self, subgraph: str, type_name: str, id_: str) -> WorldError | None:
        """What stands for the missing entity: an error or null."""
        return WorldError(f"{id_} is lost") if self.world.missing[subgraph, type_name] else None

    def entity_called(self, type_name: str, keys: list[Picks], representation: Mapping[str, Any]) -> str | None:
        """The id of the entity that a representation's key fields belong to."""
        for keyed in keys:
            if all(pick.name in representation for pick in keyed):
                for number in range(OBJECTS_OF_A_TYPE):
                    id_ = f"{type_name}-{number}"
                    wanted = self._picked(type_name, id_, keyed)
                    if all(_same(representation[name], value) for name, value in wanted.items()):
                        return id_
        return None

    def _absence(self, type_name: str, id_: str, spec: FieldSpec) -> bool | None:
        """Whether a missing owner makes the value an error (True) or null (False); None where no owner is missing."""
        for owner in (*spec.owners, spec.overridden):
            if self.is_missing(owner, type_name, id_):
                return self.world.missing[owner, type_name]
        return None

    def _picked(self, type_name: str, id_: str, picks: Picks) -> dict[str, Any]:
        """A field set's values as they stand in a representation."""
        found: dict[str, Any] = {}
        for pick in picks_on(picks, type_name):
            spec = self.world.field(type_name, pick.name)
            try:
                value = self.value(type_name, id_, spec, _with_defaults(spec, dict(pick.args)))
            except WorldError:
                self.unseen_failures += 1
                value = None
            found[pick.name] = self._carried(value, pick.below)
        return found

    def _carried(self, value: Any, picks: Picks) -> Any:
        if isinstance(value, list):
            return [self._carried(item, picks) for item in value]
        return self._picked(value.type_name, value.id, picks) if isinstance(value, Obj) else value

    def _identity(self, type_name: str, id_: str, spec: FieldSpec) -> Any:
        number = int(id_.rpartition("-")[2])
        if spec.name == "id":
            return id_
        if spec.target:
            return Obj(spec.target, f"{spec.target}-{number}")
        return {"half": number // 2, "odd": number % 2}.get(spec.name, f"{spec.name}:{id_}")

    def _level(self, spec: FieldSpec, slot: tuple[Any, ...], level: int) -> Any:
        nullable = spec.nullable[level] and not (level == 0 and spec.strict_in)
        if nullable and self._draw("null", level, *slot) % 7 == 0:
            return None
        if level == spec.lists:
            return self._one(spec, slot)
        return [self._level(spec, (*slot, at), level + 1) for at in range(self._draw("length", *slot) % 4)]

    def _one(self, spec: FieldSpec, slot: tuple[Any, ...]) -> Any:
        number = self._draw("one", *slot)
        if spec.target:
            choices = spec.choices or [spec.target]
            type_name = choices[number % len(choices)]
            if self.world.types[type_name].keys:
                return Obj(type_name, f"{type_name}-{number // 7 % OBJECTS_OF_A_TYPE}")
            return Obj(type_name, f"{type_name}@{number}")
        match spec.scalar:
            case "Int":
                return number % 1000
            case "Float":
                return number % 1000 + 0.5
            case "Boolean":
                return number % 2 == 0
            case "Color":
                return HIDDEN_COLOR if number % 11 == 0 else COLORS[number % len(COLORS)]
        return f"{slot[1]}.{slot[2]}.{number % 9973}"

    def _draw(self, *parts: Any) -> int:
        """A number that depends on its arguments alone."""
        text = json.dumps([self.world.seed, *parts], sort_keys=True)
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")


def _with_defaults(spec: FieldSpec, given: dict[str, Any]) -> dict[str, Any]:
    defaults = {
        each.name: value_from_ast_untyped(parse_value(each.default))
        for each in spec.arguments
        if each.default is not None
    }
    return defaults | given


def _same(carried: Any, wanted: Any) -> bool:
    """Whether a representation's value is the wanted one, whatever else an object carries."""
    if isinstance(wanted, dict):
        return isinstance(carried, dict) and all(_same(carried.get(name), value) for name, value in wanted.items())
    return bool(carried == wanted)
