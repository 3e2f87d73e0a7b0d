"""Merging enums by how they are used: output takes all values, input the common ones, both needs equality."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.composition.merge import join
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.schema import DirectiveDefinition, EnumValue, Kind, Schema, Type
from gateway.language.type_refs import named


@dataclass(slots=True)
class Usage:
    """One example of each way in which an enum is used, if there is one."""

    input: dict[str, str] = field(default_factory=dict)
    output: dict[str, str] = field(default_factory=dict)


def usage(schema: Schema) -> Usage:
    """Where the merged fields and arguments use which types."""
    found = Usage()
    for owner in schema.types.values():
        for entry in owner.inputs.values():
            found.input.setdefault(named(entry.type), f"{owner.name}.{entry.name}")
        for member in owner.fields.values():
            found.output.setdefault(named(member.type), f"{owner.name}.{member.name}")
            for argument in member.args.values():
                found.input.setdefault(named(argument.type), f"{owner.name}.{member.name}({argument.name}:)")
    return found


def merge_enums(merge: Merge, definitions: Iterable[DirectiveDefinition]) -> None:
    """Fills all enums; fields, arguments and the supergraph's directives must have been merged before."""
    used = usage(merge.schema)
    for definition in definitions:
        for argument in definition.args.values():
            used.input.setdefault(named(argument.type), f"@{definition.name}({argument.name}:)")
    for target in merge.schema.of_kind(Kind.ENUM):
        sources = [source for source in merge.types(target.name) if source.element.kind is Kind.ENUM]
        _merge_enum(merge, target, sources, used)


def _merge_enum(merge: Merge, target: Type, sources: Sequence[Source[Type]], used: Usage) -> None:
    as_input, as_output = used.input.get(target.name), used.output.get(target.name)
    if as_input is None and as_output is None:
        merge.report.hint(
            "UNUSED_ENUM_TYPE",
            f'Enum type "{target.name}" is defined but unused. The supergraph has all its values.',
            target.name,
            places(sources),
        )
        as_output = "nothing"
    for name, having, lacking in _values(sources):
        if lacking and as_input and as_output and not _is_inaccessible(having):
            merge.report.error(
                "ENUM_VALUE_MISMATCH",
                f'Enum type "{target.name}" is used for input (for example by "{as_input}") and output (for example by '
                f'"{as_output}"), but value "{name}" is defined in {names(having)} and not in {names(lacking)}. '
                "Define it everywhere or mark it @inaccessible.",
                places(having),
            )
        elif lacking and as_input and not as_output and not _is_inaccessible(having):
            _hint(merge, "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", target, name, having, lacking)
            continue
        elif lacking and not as_input:
            _hint(merge, "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", target, name, having, lacking)
        value = EnumValue(name)
        join.add_enum_values(value, having)
        merge.annotate(value, having)
        target.values[name] = value
    if not target.values:
        merge.report.error(
            "EMPTY_MERGED_ENUM_TYPE",
            f'None of the values of enum type "{target.name}" are defined in all the subgraphs that define the type. '
            "Only common values are merged, so nothing would be left.",
            places(sources),
        )


def _values(
    sources: Sequence[Source[Type]],
) -> Iterator[tuple[str, list[Source[EnumValue]], list[Source[Type]]]]:
    for name in dict.fromkeys(name for source in sources for name in source.element.values):
        having = [
            Source(source.subgraph, source.element.values[name]) for source in sources if name in source.element.values
        ]
        yield name, having, [source for source in sources if name not in source.element.values]


def _is_inaccessible(having: Sequence[Source[EnumValue]]) -> bool:
    return any(source.element.has("inaccessible") for source in having)


def _hint(
    merge: Merge,
    code: str,
    target: Type,
    name: str,
    having: Sequence[Source[EnumValue]],
    lacking: Sequence[Source[Type]],
) -> None:
    outcome = "is left out of" if "INPUT" in code else "is part of"
    merge.report.hint(
        code,
        f'Value "{name}" of enum type "{target.name}" {outcome} the supergraph: it is defined in {names(having)} '
        f"but not in {names(lacking)}.",
        f"{target.name}.{name}",
        places(having),
    )
