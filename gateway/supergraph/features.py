"""Owns which specification a name of the supergraph SDL belongs to: `@link` and `@core`, with prefixes and imports.

Invariant: no other module knows that `@join__type` may be called something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    ConstDirectiveNode,
    ConstListValueNode,
    ConstObjectValueNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
)

from gateway.supergraph.errors import InvalidSupergraph

SPECS_OF_THE_MACHINERY = frozenset(
    {
        "core", "link", "join", "inaccessible", "tag", "federation", "authenticated", "requiresScopes", "policy",
        "context", "cost", "cacheTag", "connect",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feature:
    """One linked specification."""

    spec: str
    version: str
    prefix: str
    url: str
    imports: dict[str, str] = field(default_factory=dict)

    def directive(self, element: str) -> str:
        """Local name of the spec's directive (without the at sign)."""
        imported = self.imports.get(f"@{element}")
        if imported is not None:
            return imported.removeprefix("@")
        return self.prefix if element == self.spec else f"{self.prefix}__{element}"

    def owns(self, name: str) -> bool:
        """Whether a type or directive of that local name belongs to the specification."""
        local = {value.removeprefix("@") for value in self.imports.values()}
        return name == self.prefix or name.startswith(f"{self.prefix}__") or name in local


@dataclass(frozen=True, slots=True)
class Features:
    """All linked specifications by their name."""

    by_spec: dict[str, Feature]

    def directive(self, spec: str, element: str | None = None) -> str:
        """Local name of a directive; the default name where the spec is not linked."""
        feature = self.by_spec.get(spec) or Feature(spec=spec, version="", prefix=spec, url="")
        return feature.directive(element or spec)

    def is_machinery(self, name: str) -> bool:
        """Whether a type or directive exists for gateways only, so that clients must not see it."""
        return any(feature.owns(name) for spec, feature in self.by_spec.items() if spec in SPECS_OF_THE_MACHINERY)


def read_features(document: DocumentNode) -> Features:
    """The features linked on the schema definition."""
    found: dict[str, Feature] = {}
    for directive in _schema_directives(document):
        feature = _feature(directive)
        if feature is not None:
            found[feature.spec] = feature
    if "join" not in found:
        raise InvalidSupergraph(
            "INVALID_FEDERATION_SUPERGRAPH", "The SDL links no join specification: it is not a supergraph."
        )
    return Features(found)


def _schema_directives(document: DocumentNode) -> Iterable[ConstDirectiveNode]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield from definition.directives or ()


def _feature(directive: ConstDirectiveNode) -> Feature | None:
    arguments = {argument.name.value: argument.value for argument in directive.arguments or ()}
    url = arguments.get("url") or arguments.get("feature")
    if not isinstance(url, StringValueNode):
        return None
    spec, version = _split_url(url.value)
    alias = arguments.get("as")
    prefix = alias.value if isinstance(alias, StringValueNode) else spec
    imports: dict[str, str] = {}
    listed = arguments.get("import")
    if isinstance(listed, ConstListValueNode):
        for item in listed.values:
            if isinstance(item, StringValueNode):
                imports[item.value] = item.value
            elif isinstance(item, ConstObjectValueNode):
                pair = {entry.name.value: getattr(entry.value, "value", "") for entry in item.fields}
                imports[pair.get("name", "")] = pair.get("as") or pair.get("name", "")
    return Feature(spec=spec, version=version, prefix=prefix, url=url.value, imports=imports)


def _split_url(url: str) -> tuple[str, str]:
    """`https://host/path/NAME/vX.Y` gives NAME and X.Y; a URL without a version gives its last segment."""
    segments = [segment for segment in url.split("://")[-1].split("/") if segment]
    last = segments[-1] if segments else url
    if len(segments) > 1 and last[:1] == "v" and last[1:2].isdigit():
        return segments[-2], last[1:]
    return last, ""
