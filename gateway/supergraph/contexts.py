"""Owns the reading of contexts: which types set them (`@context`) and which arguments they fill.

Invariant: a context that an interface or a union sets is set by each of its concrete types. Only objects that a query
passes through set one: the fields of the other roots are not to be called twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import ConstDirectiveNode, DocumentNode, GraphQLError, StringValueNode, TypeDefinitionNode, parse

from gateway.supergraph.errors import InvalidSupergraph
from gateway.supergraph.features import Features
from gateway.supergraph.model import ContextArgument, RootTypes

CODE = "INVALID_FEDERATION_SUPERGRAPH"
_PARTS = ("name", "type", "context", "selection")


def read_contexts(
    document: DocumentNode, features: Features, possible: Mapping[str, frozenset[str]], roots: RootTypes
) -> dict[str, frozenset[str]]:
    """The contexts that objects of each concrete type set; types that set none are left out."""
    directive = features.directive("context")
    found: dict[str, set[str]] = defaultdict(set)
    for definition in document.definitions:
        if isinstance(definition, TypeDefinitionNode):
            named = {_name(applied) for applied in definition.directives or () if applied.name.value == directive}
            for concrete in possible.get(definition.name.value, ()) if named else ():
                found[concrete] |= named
    return {name: frozenset(named) for name, named in found.items() if name not in (roots.mutation, roots.subscription)}


def read_arguments(field: str, listed: Any) -> tuple[ContextArgument, ...]:
    """The value of `contextArguments`.

    Raises:
        InvalidSupergraph: an entry lacks a part, or its selection is none.
    """
    return tuple(_argument(field, item) for item in listed or ())


def _argument(field: str, item: Any) -> ContextArgument:
    if not isinstance(item, dict) or not all(isinstance(item.get(part), str) for part in _PARTS):
        raise InvalidSupergraph(CODE, f"@{field} has a contextual argument without {', '.join(_PARTS)}.")
    text = item["selection"].strip()
    try:
        parse(text if text.startswith("{") else f"{{{text}}}", no_location=True)
    except GraphQLError as error:
        raise InvalidSupergraph(CODE, f"@{field} has a selection that cannot be read: {error.message}") from error
    return ContextArgument(**{part: item[part] for part in _PARTS})


def _name(applied: ConstDirectiveNode) -> str:
    for argument in applied.arguments or ():
        if argument.name.value == "name" and isinstance(argument.value, StringValueNode):
            return argument.value.value
    raise InvalidSupergraph(CODE, f"@{applied.name.value} lacks its argument name.")
