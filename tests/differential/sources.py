"""Owns the SDL of a world's subgraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.differential.fieldset import Picks, text_of
from tests.differential.world import COLORS, HIDDEN_COLOR, AbstractSpec, FieldSpec, TypeSpec, World

DIRECTIVES = (
    "@key @shareable @external @requires @provides @override @interfaceObject @inaccessible @context @fromContext"
)
FILTER = "input Filter { n: Int = 4 color: Color inner: Filter many: [Int!] }"


def subgraph_sdl(world: World, subgraph: str) -> str:
    """What one subgraph declares."""
    return _Source(world, subgraph).text()


class _Source:
    def __init__(self, world: World, subgraph: str) -> None:
        self._world = world
        self._subgraph = subgraph
        self._outside: dict[str, set[str]] = {}
        self._provided: set[tuple[str, str]] = set()
        self._gather()

    def text(self) -> str:
        imports = ", ".join(f'"{name}"' for name in DIRECTIVES.split())
        parts = [f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [{imports}])']
        parts += [self._object(each) for each in self._world.entities if self._subgraph in each.homes]
        parts += self._abstracts()
        for kind, fields in (("Query", self._world.queries), ("Mutation", self._world.mutations)):
            own = [each for each in fields.values() if self._subgraph in each.owners]
            if own:
                parts.append(f"type {kind} {{ {' '.join(self._field(kind, each) for each in own)} }}")
        parts += self._values("\n".join(parts) + "\n")
        if "Filter" in "\n".join(parts):
            parts.append(FILTER)
        if "Color" in "\n".join(parts):
            parts.append(f"enum Color {{ {' '.join(COLORS)} {HIDDEN_COLOR} @inaccessible }}")
        return "\n".join(parts) + "\n"

    # -- external and provided fields -----------------------------------------------------------------------

    def _gather(self) -> None:
        """Fields that requirements and provisions name: external here, or provided somewhere."""
        world = self._world
        for type_name in world.types:
            for each in world.fields_of(type_name):
                if self._subgraph in each.owners:
                    self._note(type_name, each.requires)
        for each in world.all_fields():
            for type_name in world.concrete(each.target) if each.provides else ():
                if self._subgraph in each.owners:
                    self._note(type_name, each.provides)
                self._note_provided(type_name, each.provides)

    def _note(self, type_name: str, picks: Picks) -> None:
        for pick in picks:
            if pick.on:
                self._note(pick.on, pick.below)
                continue
            field = self._world.field(type_name, pick.name)
            if self._subgraph not in field.owners:
                self._outside.setdefault(type_name, set()).add(pick.name)
            for below in self._world.concrete(field.target) if field.target else ():
                self._note(below, pick.below if below in self._world.types else ())

    def _note_provided(self, type_name: str, picks: Picks) -> None:
        for pick in picks:
            if pick.on:
                self._note_provided(pick.on, pick.below)
                continue
            self._provided.add((type_name, pick.name))
            target = self._world.field(type_name, pick.name).target
            if pick.below:
                self._note_provided(target, pick.below)

    # -- definitions ----------------------------------------------------------------------------------------

    def _object(self, spec: TypeSpec) -> str:
        home = spec.homes[self._subgraph]
        end = "" if home.resolvable else ", resolvable: false"
        keys = " ".join(f'@key(fields: "{text_of(keyed)}"{end})' for keyed in home.keys)
        known = self._world.contexts.values()
        sets = [each.name for each in known if each.home == self._subgraph and spec.name in each.fields]
        keys += "".join(f' @context(name: "{name}")' for name in sets)
        lines = [line for each in spec.fields.values() if (line := self._line(spec, each))]
        body = "\n  ".join(lines)
        return f"type {spec.name}{self._implements(spec)} {keys} {{\n  {body}\n}}"

    def _implements(self, spec: TypeSpec) -> str:
        known = self._world.interfaces_of(spec.name)
        names = [each.name for each in known if spec.name in each.homes.get(self._subgraph, ())]
        return f" implements {' & '.join(names)}" if names else ""

    def _line(self, spec: TypeSpec, field: FieldSpec) -> str:
        if self._subgraph in (*field.owners, field.overridden):
            return self._field(spec.name, field)
        if field.name in self._outside.get(spec.name, ()):
            return f"{_head(field, '')} @external"
        return ""

    def _field(self, type_name: str, field: FieldSpec) -> str:
        text = _head(field, self._subgraph, [self._world.contexts[name].argument for name in field.contexts])
        if len(field.owners) > 1 or (type_name, field.name) in self._provided:
            text += " @shareable"
        if field.overridden and self._subgraph in field.owners:
            label = f', label: "{field.label}"' if field.label else ""
            text += f' @override(from: "{field.overridden}"{label})'
        if field.requires:
            text += f' @requires(fields: "{text_of(field.requires)}")'
        if field.provides:
            text += f' @provides(fields: "{text_of(field.provides)}")'
        return text + _hiding(field)

    def _values(self, body: str) -> list[str]:
        """Value types that are mentioned, also by one another."""
        parts: list[str] = []
        waiting = self._world.values
        for interface in self._world.interfaces.values():
            body += "".join(f": {member}\n" for member in interface.homes.get(self._subgraph, ()))
        while found := [spec for spec in waiting if _mentions(body, spec.name)]:
            waiting = [spec for spec in waiting if spec not in found]
            parts += [self._value(spec) for spec in found]
            body = "\n".join([body, *parts])
        return parts

    def _value(self, spec: TypeSpec) -> str:
        own = [_head(each, "") + _hiding(each) for each in spec.fields.values() if self._subgraph in each.owners]
        marks = ("" if spec.split else " @shareable") + (" @inaccessible" if spec.hidden else "")
        return f"type {spec.name}{self._implements(spec)}{marks} {{ {' '.join(own)} }}"

    def _abstracts(self) -> Iterator[str]:
        world, subgraph = self._world, self._subgraph
        for union in world.unions.values():
            if subgraph in union.homes:
                yield f"union {union.name} = {' | '.join(union.homes[subgraph])}"
        for interface in world.interfaces.values():
            if subgraph in interface.homes:
                yield self._interface(interface)
            elif subgraph in interface.objects:
                yield self._interface_object(interface)

    def _interface(self, interface: AbstractSpec) -> str:
        members = interface.homes[self._subgraph]
        keyed = interface.objects and members == interface.members
        fields = [
            f"{name}: {interface_type(name)}"
            for name in interface.fields
            if all(self._subgraph in self._world.field(member, name).owners for member in members)
        ]
        key = ' @key(fields: "id")' if keyed else ""
        return f"interface {interface.name}{key} {{ {' '.join(fields)} }}"

    def _interface_object(self, interface: AbstractSpec) -> str:
        own = [each for each in interface.extra.values() if self._subgraph in each.owners]
        fields = " ".join(self._field(interface.name, each) for each in own)
        outside = " common: String @external" if any(each.requires for each in own) else ""
        return f'type {interface.name} @key(fields: "id") @interfaceObject {{ id: ID! {fields}{outside} }}'


def interface_type(name: str) -> str:
    """The type of an interface's field: an identity, or a text that members may make non-null."""
    return "ID!" if name == "id" else "String"


def _head(field: FieldSpec, subgraph: str, from_contexts: Iterable[str] = ()) -> str:
    printed = [*(each.text() for each in field.arguments), *from_contexts]
    arguments = f"({', '.join(printed)})" if printed else ""
    return f"{field.name}{arguments}: {field.type_text(subgraph)}"


def _hiding(field: FieldSpec) -> str:
    return " @inaccessible" if field.hidden else ""


def _mentions(body: str, name: str) -> bool:
    return any(
        f"{before}{name}{after}" in body for before in (": ", "[", "= ", "| ") for after in ("\n", "!", "]", " ")
    )
