"""Owns the reading of join directives: what they say of one type or field, per graph identifier.

Invariant: the rest of the package sees these records and no directive nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import ConstDirectiveNode, value_from_ast_untyped

from gateway.supergraph.features import Features
from gateway.supergraph.model import ContextArgument


@dataclass(frozen=True, slots=True)
class JoinType:
    """One `@join__type` application."""

    graph: str
    key: str | None
    resolvable: bool
    interface_object: bool


@dataclass(frozen=True, slots=True)
class JoinField:
    """One `@join__field` application; `graph` is None on a field that only interface objects resolve."""

    graph: str | None
    type: str | None
    external: bool
    requires: str | None
    provides: str | None
    override: str | None
    label: str | None
    used_overridden: bool
    context_arguments: tuple[ContextArgument, ...]


Directives = Iterable[ConstDirectiveNode] | None


class JoinReader:
    """Reads join directives under the names that the supergraph gives them."""

    def __init__(self, features: Features) -> None:
        self._names = {
            element: features.directive("join", element)
            for element in ("graph", "type", "owner", "field", "implements", "unionMember", "enumValue")
        }

    def _arguments(self, directives: Directives, element: str) -> list[dict[str, Any]]:
        name = self._names[element]
        return [
            {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
            for directive in directives or ()
            if directive.name.value == name
        ]

    def graph(self, directives: Directives) -> tuple[str, str] | None:
        """Name and URL of an enum value of join__Graph."""
        found = self._arguments(directives, "graph")
        return (str(found[0].get("name", "")), str(found[0].get("url", ""))) if found else None

    def owner(self, directives: Directives) -> str | None:
        """Owning graph of an entity (join 0.1)."""
        found = self._arguments(directives, "owner")
        return str(found[0]["graph"]) if found else None

    def types(self, directives: Directives) -> list[JoinType]:
        """Where the type exists, one record for each key."""
        return [
            JoinType(
                graph=values["graph"],
                key=values.get("key"),
                resolvable=values.get("resolvable", True) is not False,
                interface_object=values.get("isInterfaceObject", False) is True,
            )
            for values in self._arguments(directives, "type")
        ]

    def fields(self, directives: Directives) -> list[JoinField]:
        """Where the field exists; empty means: wherever its type does."""
        return [
            JoinField(
                graph=values.get("graph"),
                type=values.get("type"),
                external=values.get("external", False) is True,
                requires=values.get("requires"),
                provides=values.get("provides"),
                override=values.get("override"),
                label=values.get("overrideLabel"),
                used_overridden=values.get("usedOverridden", False) is True,
                context_arguments=tuple(
                    ContextArgument(
                        name=item["name"], type=item["type"], context=item["context"], selection=item["selection"]
                    )
                    for item in values.get("contextArguments") or ()
                ),
            )
            for values in self._arguments(directives, "field")
        ]

    def implements(self, directives: Directives) -> list[tuple[str, str]]:
        """(graph, interface) pairs."""
        return [(values["graph"], values["interface"]) for values in self._arguments(directives, "implements")]

    def members(self, directives: Directives) -> list[tuple[str, str]]:
        """(graph, member) pairs of a union."""
        return [(values["graph"], values["member"]) for values in self._arguments(directives, "unionMember")]

    def values(self, directives: Directives) -> list[str]:
        """Graphs that know an enum value."""
        return [values["graph"] for values in self._arguments(directives, "enumValue")]
