"""Completes a subgraph: definitions that its links bring, and the specification behind each applied directive.

Invariant: afterwards every directive that a linked specification declares has a definition in the schema, and
`Applied.spec` is set for exactly the applications of those directives.
"""

from __future__ import annotations

import re

from gateway.composition.features import (
    FED1_AS_MINOR,
    FED1_DIRECTIVES,
    FED1_TAG_AS_MINOR,
    LATEST_MINOR,
    spec_of,
)
from gateway.composition.links import CONNECT, FEDERATION, LINK, Link, Links
from gateway.composition.subgraph import Subgraph
from gateway.language import directives
from gateway.language.built_in_directives import BUILT_IN_DIRECTIVES
from gateway.language.directives.spec import Argument, DirectiveSpec
from gateway.language.elements import elements
from gateway.language.feature_url import FeatureUrl, Version
from gateway.language.schema import (
    DirectiveDefinition,
    EnumValue,
    Field,
    InputValue,
    Kind,
    Schema,
    Type,
)

_PURPOSES = ("SECURITY", "EXECUTION")


Given = list[tuple[DirectiveDefinition, DirectiveDefinition]]  # as the document defines it, as it should be


def complete(subgraph: Subgraph) -> Given:
    """Adds the missing definitions and recognises the applications; returns the definitions that were there already."""
    if not _has_sound_purpose(subgraph):
        subgraph.links, subgraph.fed1 = Links(), True
    names = _recognised(subgraph)
    given = [pair for name, (link, spec) in names.items() for pair in _define(subgraph, name, link, spec)]
    given += _define_link(subgraph)
    if subgraph.fed1:
        _define_federation_types(subgraph.schema)
    for element in elements(subgraph.schema):
        for application in element.directives:
            found = names.get(application.name)
            application.spec = found[1].name if found else None
    return given


def _define_federation_types(schema: Schema) -> None:
    """Some libraries mention these without defining them."""
    schema.types.setdefault("_Any", Type("_Any", kind=Kind.SCALAR))
    service = {"sdl": Field("sdl", type="String")}
    schema.types.setdefault("_Service", Type("_Service", fields=service))
    schema.types.setdefault("_Entity", Type("_Entity", kind=Kind.UNION))


def _recognised(subgraph: Subgraph) -> dict[str, tuple[Link, DirectiveSpec]]:
    """Document name → specification, for every directive of every linked specification."""
    found: dict[str, tuple[Link, DirectiveSpec]] = {}
    links = list(subgraph.links.entries)
    if subgraph.fed1:
        implicit = Link(FeatureUrl(FEDERATION, "federation", Version(2, FED1_AS_MINOR)), "federation")
        for spec in directives.known_at(FED1_AS_MINOR):
            if spec.name in FED1_DIRECTIVES or spec.name in subgraph.schema.definitions:
                found[spec.name] = (implicit, spec)
    for link in links:
        for spec in directives.ALL:
            if spec_of(link, spec.name, subgraph.minor):
                found.setdefault(link.directive_name(spec.name), (link, spec))
    return found


def _define(subgraph: Subgraph, name: str, link: Link, spec: DirectiveSpec) -> Given:
    minor = subgraph.minor if link.url.identity == FEDERATION else LATEST_MINOR
    if subgraph.fed1 and spec.name == "tag":
        minor = FED1_TAG_AS_MINOR
    merged = link.url.identity not in (FEDERATION, CONNECT)
    for argument in spec.arguments_at(minor):
        if "~" in argument.type:
            _define_scalar(subgraph, link.type_name(argument.type.strip("[]!~")), merged=merged)
    expected = DirectiveDefinition(
        name,
        args={argument.name: _argument(argument, link) for argument in spec.arguments_at(minor)},
        locations=spec.locations_at(minor),
        repeatable=spec.repeatable_at(minor),
    )
    given = subgraph.schema.definitions.get(name) or BUILT_IN_DIRECTIVES.get(name)
    if given is not None:
        return [(given, expected)]
    subgraph.schema.definitions[name] = expected
    return []


def _argument(argument: Argument, link: Link) -> InputValue:
    type_ = re.sub(r"~(\w+)", lambda found: link.type_name(found[1]), argument.type)
    return InputValue(argument.name, type=type_, default=argument.default, has_default=argument.has_default)


def _define_scalar(subgraph: Subgraph, name: str, *, merged: bool) -> None:
    given = subgraph.schema.types.setdefault(name, Type(name, kind=Kind.SCALAR))
    if given.kind is not Kind.SCALAR and name not in subgraph.machinery:
        subgraph.error(
            "TYPE_DEFINITION_INVALID",
            f"Invalid definition for type {name}: it should be a scalar but is defined as {given.kind.value}",
            given.node,
        )
    if not merged:
        subgraph.machinery.add(name)


def _define_link(subgraph: Subgraph) -> Given:
    schema = subgraph.schema
    if not any(application.name == "link" for application in schema.directives):
        return []
    own = subgraph.links.feature(LINK)
    names = {name: own.type_name(name) if own else f"link__{name}" for name in ("Import", "Purpose")}
    types = {
        "url": "String",
        "as": "String",
        "for": names["Purpose"],
        "import": f"[{names['Import']}]",
    }
    expected = DirectiveDefinition(
        "link",
        args={name: InputValue(name, type=type_) for name, type_ in types.items()},
        locations=("SCHEMA",),
        repeatable=True,
    )
    subgraph.schema.types.setdefault(names["Purpose"], _purpose(names["Purpose"]))
    subgraph.machinery.add(names["Purpose"])
    _define_scalar(subgraph, names["Import"], merged=False)
    if "link" in schema.definitions:
        return [(schema.definitions["link"], expected)]
    schema.definitions["link"] = expected
    return []


def _purpose(name: str) -> Type:
    return Type(name, kind=Kind.ENUM, values={value: EnumValue(value) for value in _PURPOSES})


def _has_sound_purpose(subgraph: Subgraph) -> bool:
    """A document that defines the purposes of links otherwise means other links: none of them is followed."""
    own = subgraph.links.feature(LINK)
    given = subgraph.schema.types.get(own.type_name("Purpose") if own else "link__Purpose")
    linking = any(application.name == "link" for application in subgraph.schema.directives)
    if given is None or not linking or set(given.values) == set(_PURPOSES):
        return True
    subgraph.error(
        "TYPE_DEFINITION_INVALID",
        f'Invalid definition for type "Purpose": expected values [EXECUTION, SECURITY] but found '
        f"[{', '.join(sorted(given.values))}].",
        given.node,
    )
    return False
