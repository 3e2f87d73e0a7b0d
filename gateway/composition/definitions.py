"""Completes a subgraph: definitions that its links bring, and the specification behind each applied directive.

Invariant: afterwards every directive that a linked specification declares has a definition in the schema, and
`Applied.spec` is set for exactly the applications of those directives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.composition.features import (
    FEATURES,
    FED1_AS_MINOR,
    FED1_DIRECTIVES,
    LATEST_MINOR,
    federation_elements,
    implied_minor,
    spec_of,
)
from gateway.composition.links import CONNECT, FEDERATION, LINK, Link, Links
from gateway.composition.subgraph import Subgraph
from gateway.language import directives
from gateway.language.built_in_directives import BUILT_IN_DIRECTIVES
from gateway.language.directives.spec import Argument, DirectiveSpec
from gateway.language.elements import elements
from gateway.language.feature_url import FeatureUrl, Version
from gateway.language.literals import same, text
from gateway.language.schema import (
    BUILT_IN_SCALARS,
    DirectiveDefinition,
    EnumValue,
    Field,
    InputValue,
    Kind,
    Schema,
    Type,
)
from gateway.language.type_refs import is_non_null, named, nullable

_PURPOSES = ("SECURITY", "EXECUTION")


def settle_version(subgraph: Subgraph) -> None:
    """Finds out which federation the subgraph speaks and checks what it imports."""
    link = subgraph.links.feature(FEDERATION)
    subgraph.fed1 = link is None
    subgraph.minor = link.url.version.minor if link else FED1_AS_MINOR
    if link and (link.url.version.major != 2 or subgraph.minor > LATEST_MINOR):
        subgraph.error(
            "UNKNOWN_FEDERATION_LINK_VERSION",
            f"Invalid version v{link.url.version} for the federation feature in @link directive on schema",
            link.node,
        )
    for entry in subgraph.links.entries:
        _check_imports(subgraph, entry)
    _follow_implications(subgraph)


def _follow_implications(subgraph: Subgraph) -> None:
    """Linking some features raises the federation version that the supergraph counts with."""
    subgraph.implied_minor = max([subgraph.minor, *map(implied_minor, subgraph.links.entries)])
    if subgraph.implied_minor > subgraph.minor:
        subgraph.report.hint(
            "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
            f'Subgraph "{subgraph.name}" links a feature that raises its federation version from v2.{subgraph.minor} '
            f"to v2.{subgraph.implied_minor}.",
            places=[(subgraph.name, subgraph.schema.node)],
        )


def _check_imports(subgraph: Subgraph, link: Link) -> None:
    known = _elements(link, subgraph.minor)
    for entry in link.imports if known is not None else ():
        if entry.name not in (known or ()):
            subgraph.error("INVALID_LINK_DIRECTIVE_USAGE", f'Cannot import unknown element "{entry.name}".', link.node)
    feature = FEATURES.get(link.url.identity)
    federation = subgraph.links.feature(FEDERATION)
    for name in feature.directives if feature and feature.name in ("tag", "inaccessible") else ():
        brought = federation.directive_name(name) if federation else name
        if brought == link.directive_name(name):
            subgraph.error(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f'Please import "@{name}" from the feature "{FEDERATION}" instead of using "{link.url.identity}".',
                link.node,
            )


def _elements(link: Link, minor: int) -> set[str] | None:
    if link.url.identity == FEDERATION:
        return federation_elements(minor)
    if link.url.identity == LINK:
        return {"@link", "Purpose", "Import"}
    feature = FEATURES.get(link.url.identity)
    if feature is None or str(link.url.version) not in feature.versions:
        return None
    return {f"@{name}" for name in feature.directives} | set(feature.scalars)


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


def judge(subgraph: Subgraph, given: Given) -> None:
    """Compares the document's own definitions with those of the specifications.

    A bad definition and its applications are dropped, so that one mistake is reported once.
    """
    wrong = {own.name: expected for own, expected in given if not _is_as_expected(subgraph, own, expected)}
    subgraph.schema.definitions |= wrong
    for element in elements(subgraph.schema) if wrong else ():
        element.directives = [entry for entry in element.directives if entry.name not in wrong]


def _is_as_expected(subgraph: Subgraph, given: DirectiveDefinition, expected: DirectiveDefinition) -> bool:
    if subgraph.fed1 and any(argument.required for argument in expected.args.values()) and not given.args:
        subgraph.schema.definitions[given.name] = expected
        return True
    problems: list[str] = []
    for name, argument in expected.args.items():
        if name in given.args:
            problems += _argument_problems(subgraph, given.args[name], argument)
        elif argument.required:
            problems.append(f'missing required argument "{name}"')
    problems += [f'unknown/unsupported argument "{name}"' for name in given.args if name not in expected.args]
    if given.repeatable and not expected.repeatable:
        problems.append(f'"@{given.name}" should not be repeatable')
    odd = [location for location in given.locations if location not in expected.locations]
    if odd:
        allowed = ", ".join(expected.locations)
        problems.append(f'"@{given.name}" should have locations {allowed}, but found (non-subset) {", ".join(odd)}')
    for problem in problems:
        subgraph.error(
            "DIRECTIVE_DEFINITION_INVALID", f'Invalid definition for directive "@{given.name}": {problem}', given.node
        )
    return not problems


def _argument_problems(subgraph: Subgraph, given: InputValue, expected: InputValue) -> Iterator[str]:
    if not _compatible(subgraph, given.type, expected.type):
        yield f'argument "{given.name}" should have type "{expected.type}" but found type "{given.type}"'
    elif expected.has_default and not same(given.default, expected.default):
        yield (
            f'argument "{given.name}" should have default value {text(expected.default)} '
            f"but found default value {text(given.default)}"
        )


def _compatible(subgraph: Subgraph, given: str, expected: str) -> bool:
    """A stricter nullability is fine; a built-in type may stand for one of the specification's scalars."""
    if is_non_null(expected) and not is_non_null(given):
        return False
    given, expected = nullable(given), nullable(expected)
    if given == expected:
        return True
    if subgraph.fed1 and given == "_FieldSet":
        return True
    owner = subgraph.schema.types.get(named(given))
    return named(expected) not in BUILT_IN_SCALARS and not (owner is not None and owner.kind is Kind.SCALAR)


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
