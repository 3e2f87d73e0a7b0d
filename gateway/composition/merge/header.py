"""The head of a supergraph: linked specifications, the definitions of join, link and the composed directives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.composition.links import APOLLO, CONNECT
from gateway.composition.merge.compose_directive import ComposedDirective
from gateway.composition.merge.directive_names import Names
from gateway.composition.merge.state import Merge
from gateway.language import directives
from gateway.language.directives.spec import Composed, DirectiveSpec
from gateway.language.literals import EnumLiteral, Literal, key
from gateway.language.schema import Applied, DirectiveDefinition, EnumValue, InputValue, Kind, Schema, Type

_SECURITY = "`SECURITY` features provide metadata necessary to securely resolve fields."
_EXECUTION = "`EXECUTION` features provide metadata necessary for operation execution."


def join_version(minor: int) -> str:
    """The join specification that a supergraph of federation 2.`minor` needs."""
    return "0.5" if minor >= 8 else "0.4" if minor >= 7 else "0.3"


def add_header(merge: Merge, names: Names, composed: Mapping[str, ComposedDirective]) -> None:
    """Adds everything that is not a merged type."""
    schema = merge.schema
    minor = max(subgraph.implied_minor for subgraph in merge.subgraphs)
    own, merged = schema.directives, {*schema.types, *schema.definitions}
    schema.directives = []
    _link(schema, f"{APOLLO}link/v1.0")
    _link(schema, f"{APOLLO}join/v{join_version(minor)}", purpose="EXECUTION")
    _define_link(schema)
    _define_join(merge, join_version(minor))
    _add_features(schema, names)
    _add_joined_features(merge)
    _add_composed(schema, composed)
    schema.directives += own
    merge.specified = {*schema.types, *schema.definitions} - merged | set(composed)
    merge.specified |= {name for name in schema.types if _prefix(name) in _linked(names)}


def _linked(names: Names) -> set[str]:
    """The features that bring the directives in use."""
    used = (directives.BY_NAME[name].composed for name in names.chosen)
    return {composed.feature for composed in used if composed}


def _prefix(name: str) -> str | None:
    prefix, separator, _ = name.partition("__")
    return prefix if separator else None


def _link(schema: Schema, url: str, *, purpose: str | None = None, imports: Sequence[Literal] = ()) -> None:
    args: dict[str, Literal] = {"url": url}
    if purpose:
        args["for"] = EnumLiteral(purpose)
    if imports:
        args["import"] = list(imports)
    schema.directives.append(Applied("link", args))


def _imported(element: str, name: str) -> Literal:
    return f"@{element}" if element == name else {"name": f"@{element}", "as": f"@{name}"}


def _add_features(schema: Schema, names: Names) -> None:
    used = [spec for spec in directives.ALL if spec.composed and spec.name in names.chosen]
    features: dict[str, Composed] = {}
    for spec in used:
        if spec.composed:
            features.setdefault(spec.composed.feature, spec.composed)
    for feature in sorted(features.values(), key=lambda entry: entry.order):
        members = [spec for spec in directives.ALL if spec.composed and spec.composed.feature == feature.feature]
        imports = []
        for spec in members:
            default = spec.name if spec.name == feature.feature else f"{feature.feature}__{spec.name}"
            name = names.chosen.get(spec.name, default)
            if spec.name == "fromContext":
                name = default
            if name != default:
                imports.append(_imported(spec.name, name))
            schema.definitions[name] = _definition(schema, spec, name, feature.feature)
        _link(schema, f"{APOLLO}{feature.feature}/v{feature.version}", purpose=feature.purpose, imports=imports)


def _definition(schema: Schema, spec: DirectiveSpec, name: str, feature: str) -> DirectiveDefinition:
    args = {}
    for argument in spec.arguments:
        if "~" in argument.type:
            scalar = f"{feature}__{argument.type.strip('[]!~')}"
            schema.types.setdefault(scalar, Type(scalar, kind=Kind.SCALAR))
        type_ = argument.type.replace("~", f"{feature}__")
        args[argument.name] = InputValue(
            argument.name, type=type_, default=argument.default, has_default=argument.has_default
        )
    minor = 99
    locations = spec.locations_at(minor)
    return DirectiveDefinition(name, args=args, locations=locations, repeatable=spec.repeatable_at(minor))


def _add_joined_features(merge: Merge) -> None:
    """Features whose applications are kept as `@join__directive` data."""
    applied = {
        str(entry.args.get("name"))
        for element in _joined_elements(merge.schema)
        for entry in element
        if entry.name == "join__directive"
    }
    if any(name.endswith("cacheTag") for name in applied):
        _link(merge.schema, f"{APOLLO}cacheTag/v0.1", purpose="EXECUTION")
    connecting = [(entry, link) for entry in merge.subgraphs if (link := entry.links.feature(CONNECT))]
    if not connecting:
        return
    newest = max(max(link.url.version.minor for _, link in connecting), 3)
    _link(merge.schema, f"{CONNECT}/v0.{newest}", purpose="EXECUTION")
    kept: dict[str, Applied] = {}
    for subgraph, link in connecting:
        graph = EnumLiteral(subgraph.graph)
        args: dict[str, Literal] = {"graphs": [graph], "name": "link", "args": dict(link.args)}
        found = kept.setdefault(key(dict(link.args)), Applied("join__directive", args))
        graphs = found.args["graphs"]
        if isinstance(graphs, list) and graph not in graphs:
            graphs.append(graph)
    merge.schema.directives += kept.values()


def _joined_elements(schema: Schema) -> list[list[Applied]]:
    found = [schema.directives]
    for owner in schema.types.values():
        found.append(owner.directives)
        found += [field.directives for field in owner.fields.values()]
    return found


def _add_composed(schema: Schema, composed: Mapping[str, ComposedDirective]) -> None:
    by_link: dict[str, list[str]] = {}
    for name, entry in composed.items():
        by_link.setdefault(entry.link.url.identity, []).append(name)
    for group in by_link.values():
        newest = max((composed[name].link.url for name in group), key=lambda url: url.version)
        _link(schema, str(newest), imports=[_imported(composed[name].element, name) for name in group])
        for name in group:
            definition = composed[name].definition
            schema.definitions[name] = DirectiveDefinition(
                name,
                definition.description,
                args=definition.args,
                locations=definition.locations,
                repeatable=definition.repeatable,
            )


def _define(schema: Schema, name: str, args: str, locations: str, *, repeatable: bool = True) -> None:
    """A definition from its text: `name: Type = default` separated by commas."""
    inputs = {}
    for part in filter(None, args.split(", ")):
        head, _, default = part.partition(" = ")
        argument, type_ = head.split(": ")
        inputs[argument] = InputValue(argument, type=type_, default=default == "true", has_default=bool(default))
    schema.definitions[name] = DirectiveDefinition(
        name, args=inputs, locations=tuple(locations.split()), repeatable=repeatable
    )


def _define_link(schema: Schema) -> None:
    _define(schema, "link", "url: String, as: String, for: link__Purpose, import: [link__Import]", "SCHEMA")
    schema.types["link__Import"] = Type("link__Import", kind=Kind.SCALAR)
    purpose = Type("link__Purpose", kind=Kind.ENUM)
    purpose.values = {"SECURITY": EnumValue("SECURITY", _SECURITY), "EXECUTION": EnumValue("EXECUTION", _EXECUTION)}
    schema.types["link__Purpose"] = purpose


def _define_join(merge: Merge, version: str) -> None:
    schema = merge.schema
    _define(schema, "join__graph", "name: String!, url: String!", "ENUM_VALUE", repeatable=False)
    _define(
        schema,
        "join__type",
        "graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, "
        "isInterfaceObject: Boolean! = false",
        "OBJECT INTERFACE UNION ENUM INPUT_OBJECT SCALAR",
    )
    _define(schema, "join__field", _field_arguments(version), "FIELD_DEFINITION INPUT_FIELD_DEFINITION")
    _define(schema, "join__implements", "graph: join__Graph!, interface: String!", "OBJECT INTERFACE")
    _define(schema, "join__unionMember", "graph: join__Graph!, member: String!", "UNION")
    _define(schema, "join__enumValue", "graph: join__Graph!", "ENUM_VALUE")
    scalars = ["join__FieldSet"]
    if version != "0.3":
        _define(
            schema,
            "join__directive",
            "graphs: [join__Graph!], name: String!, args: join__DirectiveArguments",
            "SCHEMA OBJECT INTERFACE FIELD_DEFINITION",
        )
        scalars.append("join__DirectiveArguments")
    if version == "0.5":
        scalars.append("join__FieldValue")
        types = {"name": "String!", "type": "String!", "context": "String!", "selection": "join__FieldValue!"}
        inputs = {name: InputValue(name, type=type_) for name, type_ in types.items()}
        schema.types["join__ContextArgument"] = Type("join__ContextArgument", kind=Kind.INPUT, inputs=inputs)
    schema.types |= {name: Type(name, kind=Kind.SCALAR) for name in scalars}
    schema.types["join__Graph"] = _graphs(merge)


def _field_arguments(version: str) -> str:
    args = (
        "graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, "
        "override: String, usedOverridden: Boolean"
    )
    if version != "0.3":
        args += ", overrideLabel: String"
    if version == "0.5":
        args += ", contextArguments: [join__ContextArgument!]"
    return args


def _graphs(merge: Merge) -> Type:
    values = {}
    for subgraph in merge.subgraphs:
        args: dict[str, Literal] = {"name": subgraph.name, "url": subgraph.url}
        values[subgraph.graph] = EnumValue(subgraph.graph, directives=[Applied("join__graph", args)])
    return Type("join__Graph", kind=Kind.ENUM, values=values)
