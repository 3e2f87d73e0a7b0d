"""The `@join__*` applications that tell a gateway which subgraph declares what.

Invariant: applications name graphs by their `join__Graph` value, in the order of subgraphs.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.facts import Facts
from gateway.composition.merge.state import Merge, Override, Source
from gateway.language.literals import EnumLiteral, Literal
from gateway.language.schema import Applied, EnumValue, Field, InputValue, Type
from gateway.language.selections import split_context


def _graph(source: Source[Type] | Source[Field] | Source[InputValue] | Source[EnumValue]) -> Literal:
    return EnumLiteral(source.subgraph.graph)


def add_types(target: Type, sources: Sequence[Source[Type]]) -> None:
    """One `@join__type` for each declaration and each of its keys."""
    for source in sources:
        owner = source.element
        common: dict[str, Literal] = {"isInterfaceObject": True} if owner.has("interfaceObject") else {}
        keys = owner.applied("key")
        for key in keys:
            args: dict[str, Literal] = {"graph": _graph(source), "key": key.args.get("fields")}
            if key.extension or owner.has("extends"):
                args["extension"] = True
            if "resolvable" in key.args:
                args["resolvable"] = key.args["resolvable"]
            target.directives.append(Applied("join__type", args | common))
        if not keys:
            target.directives.append(Applied("join__type", {"graph": _graph(source)} | common))


def add_implements(target: Type, sources: Sequence[Source[Type]]) -> None:
    for source in sources:
        for interface in source.element.interfaces:
            args: dict[str, Literal] = {"graph": _graph(source), "interface": interface}
            target.directives.append(Applied("join__implements", args))


def add_members(target: Type, member: str, sources: Sequence[Source[Type]]) -> None:
    for source in sources:
        args: dict[str, Literal] = {"graph": _graph(source), "member": member}
        target.directives.append(Applied("join__unionMember", args))


def add_enum_values(target: EnumValue, sources: Sequence[Source[EnumValue]]) -> None:
    for source in sources:
        target.directives.append(Applied("join__enumValue", {"graph": _graph(source)}))


def add_input_fields(target: InputValue, sources: Sequence[Source[InputValue]]) -> None:
    """Only where subgraphs differ in the type."""
    if len({source.element.type for source in sources}) > 1:
        for source in sources:
            args: dict[str, Literal] = {"graph": _graph(source), "type": source.element.type}
            target.directives.append(Applied("join__field", args))


def add_fields(
    merge: Merge, owner: str, target: Field, types: Sequence[Source[Type]], sources: Sequence[Source[Field]]
) -> None:
    """One `@join__field` per declaring subgraph, or none where all of them simply resolve the field."""
    differ = len({source.element.type for source in sources}) > 1
    details = []
    for source in sources:
        override = merge.overrides.get(((owner, target.name), source.subgraph.name), Override())
        facts = merge.facts[source.subgraph.name]
        args = _field_args(facts, owner, source, override)
        details.append((source, args, override.overridden and not override.used))
    telling = any(args.keys() - {"override"} or gone for _, args, gone in details)
    if len(sources) == len(types) and not differ and not telling:
        return
    for source, args, gone in details:
        if gone:
            continue
        typed: dict[str, Literal] = {"type": source.element.type} if differ else {}
        shown = {"graph": _graph(source)} | {
            name: value for name, value in (args | typed).items() if name in _FIELD_ARGUMENTS
        }
        target.directives.append(Applied("join__field", dict(sorted(shown.items(), key=_place))))


_FIELD_ARGUMENTS = (
    "graph",
    "requires",
    "provides",
    "override",
    "type",
    "external",
    "usedOverridden",
    "overrideLabel",
    "contextArguments",
)


def _place(entry: tuple[str, Literal]) -> int:
    return _FIELD_ARGUMENTS.index(entry[0])


def _field_args(facts: Facts, owner: str, source: Source[Field], override: Override) -> dict[str, Literal]:
    field = source.element
    args: dict[str, Literal] = {}
    for spec in ("requires", "provides"):
        for application in field.applied(spec):
            args[spec] = application.args.get("fields")
    for application in field.applied("override"):
        args["override"] = application.args.get("from")
    if facts.is_external(facts.schema.types[owner], field):
        args["external"] = True
    if override.used:
        args["usedOverridden"] = True
    if override.label is not None:
        args["overrideLabel"] = override.label
    contexts = _context_arguments(source)
    if contexts:
        args["contextArguments"] = contexts
    return args


def _context_arguments(source: Source[Field]) -> list[Literal]:
    found: list[Literal] = []
    for argument in source.element.args.values():
        for application in argument.applied("fromContext"):
            context, selection = split_context(application.args.get("field"))
            entry: dict[str, Literal] = {
                "context": f"{source.subgraph.name}__{context}",
                "name": argument.name,
                "type": argument.type,
                "selection": selection,
            }
            found.append(entry)
    return found


def without_graph() -> Applied:
    """Marks a field that no subgraph declares on this type: an `@interfaceObject` elsewhere resolves it."""
    return Applied("join__field")
