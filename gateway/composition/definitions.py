"""Completes a subgraph: definitions that its links bring, and the specification behind each applied directive.

Invariant: afterwards every directive that a linked specification declares has a definition in the schema, and
`Applied.spec` is set for exactly the applications of those directives.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.features import (
    FEATURES,
    FED1_AS_MINOR,
    FED1_DIRECTIVES,
    LATEST_MINOR,
    SCALARS,
    federation_elements,
    spec_of,
)
from gateway.composition.links import FEDERATION, LINK, Link
from gateway.composition.subgraph import Subgraph
from gateway.language import directives
from gateway.language.directives.spec import Argument, DirectiveSpec
from gateway.language.feature_url import FeatureUrl, Version
from gateway.language.literals import same, text
from gateway.language.schema import (
    BUILT_IN_SCALARS,
    DirectiveDefinition,
    Element,
    EnumValue,
    InputValue,
    Kind,
    Schema,
    Type,
)
from gateway.language.type_refs import is_non_null, named, nullable

_LINK_ARGUMENTS = (("url", "String"), ("as", "String"), ("for", "~Purpose"), ("import", "[~Import]"))
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


def complete(subgraph: Subgraph) -> None:
    """Adds the missing definitions, judges those given, and recognises the applications."""
    names = _recognised(subgraph)
    for name, (link, spec) in names.items():
        _define(subgraph, name, link, spec)
    _define_link(subgraph)
    for element in elements(subgraph.schema):
        for application in element.directives:
            found = names.get(application.name)
            application.spec = found[1].name if found else None


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


def _define(subgraph: Subgraph, name: str, link: Link, spec: DirectiveSpec) -> None:
    minor = subgraph.minor if link.url.identity == FEDERATION else LATEST_MINOR
    scalars = {scalar: link.type_name(scalar) for scalar in SCALARS}
    for argument in spec.arguments_at(minor):
        if "~" in argument.type:
            _define_scalar(subgraph, scalars[argument.type.strip("[]!~")], external=link.url.identity != FEDERATION)
    expected = DirectiveDefinition(
        name,
        args={argument.name: _argument(argument, scalars) for argument in spec.arguments_at(minor)},
        locations=spec.locations_at(minor),
        repeatable=spec.repeatable_at(minor),
    )
    given = subgraph.schema.definitions.get(name)
    if given is None:
        subgraph.schema.definitions[name] = expected
    else:
        _compare(subgraph, given, expected)


def _argument(argument: Argument, scalars: dict[str, str]) -> InputValue:
    type_ = _expand(argument.type, scalars)
    return InputValue(argument.name, type=type_, default=argument.default, has_default=argument.has_default)


def _expand(type_: str, scalars: dict[str, str]) -> str:
    for scalar, name in scalars.items():
        type_ = type_.replace(f"~{scalar}", name)
    return type_


def _define_scalar(subgraph: Subgraph, name: str, *, external: bool) -> None:
    given = subgraph.schema.types.setdefault(name, Type(name, kind=Kind.SCALAR))
    if given.kind is not Kind.SCALAR:
        subgraph.error(
            "TYPE_DEFINITION_INVALID",
            f"Invalid definition for type {name}: it should be a scalar but is defined as {given.kind.value}",
            given.node,
        )
    if not external:
        subgraph.machinery.add(name)


def _compare(subgraph: Subgraph, given: DirectiveDefinition, expected: DirectiveDefinition) -> None:
    if subgraph.fed1 and expected.args and not given.args:
        subgraph.schema.definitions[given.name] = expected
        return
    problems: list[str] = []
    for name, argument in expected.args.items():
        if name in given.args:
            problems += _argument_problems(subgraph.schema, given.args[name], argument)
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


def _argument_problems(schema: Schema, given: InputValue, expected: InputValue) -> Iterator[str]:
    if not _compatible(schema, given.type, expected.type):
        yield f'argument "{given.name}" should have type "{expected.type}" but found type "{given.type}"'
    elif expected.has_default and not same(given.default, expected.default):
        yield (
            f'argument "{given.name}" should have default value {text(expected.default)} '
            f"but found default value {text(given.default)}"
        )


def _compatible(schema: Schema, given: str, expected: str) -> bool:
    """A stricter nullability is fine; a built-in type may stand for one of the specification's scalars."""
    if is_non_null(expected) and not is_non_null(given):
        return False
    given, expected = nullable(given), nullable(expected)
    if given == expected:
        return True
    name, wanted = schema.types.get(named(given)), named(expected)
    return wanted not in BUILT_IN_SCALARS and not (name is not None and name.kind is Kind.SCALAR)


def _define_link(subgraph: Subgraph) -> None:
    link = subgraph.links.feature(LINK)
    scalars = {name: link.type_name(name) if link else f"link__{name}" for name in ("Import", "Purpose")}
    if not subgraph.links.entries:
        return
    schema = subgraph.schema
    expected = DirectiveDefinition(
        "link",
        args={name: InputValue(name, type=_expand(type_, scalars)) for name, type_ in _LINK_ARGUMENTS},
        locations=("SCHEMA",),
        repeatable=True,
    )
    purpose = Type(scalars["Purpose"], kind=Kind.ENUM, values={name: EnumValue(name) for name in _PURPOSES})
    given = schema.types.setdefault(purpose.name, purpose)
    if set(given.values) != set(_PURPOSES):
        subgraph.error(
            "TYPE_DEFINITION_INVALID",
            f'Invalid definition for type "Purpose": expected values [EXECUTION, SECURITY] but found '
            f"[{', '.join(sorted(given.values))}].",
            given.node,
        )
    _define_scalar(subgraph, scalars["Import"], external=False)
    subgraph.machinery.add(purpose.name)
    if "link" in schema.definitions:
        _compare(subgraph, schema.definitions["link"], expected)
    else:
        schema.definitions["link"] = expected


def elements(schema: Schema) -> Iterator[Element]:
    """Everything in a schema that can carry directives."""
    yield schema
    for definition in schema.definitions.values():
        yield from definition.args.values()
    for owner in schema.types.values():
        yield owner
        yield from owner.values.values()
        yield from owner.inputs.values()
        for field in owner.fields.values():
            yield field
            yield from field.args.values()
