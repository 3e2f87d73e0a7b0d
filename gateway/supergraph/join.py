"""Owns the reading of join directives: what they say of one type or field, per graph identifier.

Invariant: the rest of the package sees these records and no directive nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import ConstDirectiveNode, GraphQLError, parse, value_from_ast_untyped

from gateway.supergraph.contexts import read_arguments
from gateway.supergraph.errors import InvalidSupergraph
from gateway.supergraph.features import Features
from gateway.supergraph.model import ContextArgument

CODE = "INVALID_FEDERATION_SUPERGRAPH"


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
        self.graphs: frozenset[str] | None = None  # known as soon as their enum has been read
        self._names = {
            element: features.directive("join", element)
            for element in ("graph", "type", "owner", "field", "implements", "unionMember", "enumValue")
        }

    def _arguments(self, directives: Directives, element: str, *required: str) -> list[dict[str, Any]]:
        name = self._names[element]
        found = [
            {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
            for directive in directives or ()
            if directive.name.value == name
        ]
        for values in found:
            self._check(name, values, required)
        return found

    def _check(self, name: str, values: Mapping[str, Any], required: tuple[str, ...]) -> None:
        missing = [argument for argument in required if not isinstance(values.get(argument), str)]
        if missing:
            raise InvalidSupergraph(CODE, f"@{name} lacks its argument {missing[0]}.")
        graph = values.get("graph")
        if graph is not None and self.graphs is not None and graph not in self.graphs:
            raise InvalidSupergraph(CODE, f"@{name} names the graph {graph}, which the supergraph does not list.")
        for argument in ("key", "requires", "provides"):
            if values.get(argument) is not None:
                _check_field_set(name, values[argument])

    def graph(self, directives: Directives) -> tuple[str, str] | None:
        """Name and URL of an enum value of join__Graph."""
        found = self._arguments(directives, "graph", "name", "url")
        return (found[0]["name"], found[0]["url"]) if found else None

    def owner(self, directives: Directives) -> str | None:
        """Owning graph of an entity (join 0.1)."""
        found = self._arguments(directives, "owner", "graph")
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
            for values in self._arguments(directives, "type", "graph")
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
                context_arguments=read_arguments(self._names["field"], values.get("contextArguments")),
            )
            for values in self._arguments(directives, "field")
        ]

    def implements(self, directives: Directives) -> list[tuple[str, str]]:
        """(graph, interface) pairs."""
        return [
            (values["graph"], values["interface"])
            for values in self._arguments(directives, "implements", "graph", "interface")
        ]

    def members(self, directives: Directives) -> list[tuple[str, str]]:
        """(graph, member) pairs of a union."""
        return [
            (values["graph"], values["member"])
            for values in self._arguments(directives, "unionMember", "graph", "member")
        ]

    def values(self, directives: Directives) -> list[str]:
        """Graphs that know an enum value."""
        return [values["graph"] for values in self._arguments(directives, "enumValue", "graph")]


def _check_field_set(name: str, text: Any) -> None:
    try:
        parse(
            f"{{{text}}}" if isinstance(text, str) and not text.strip().startswith("{") else str(text), no_location=True
        )
    except GraphQLError as error:
        raise InvalidSupergraph(CODE, f"@{name} has a field set that cannot be read: {error.message}") from error
