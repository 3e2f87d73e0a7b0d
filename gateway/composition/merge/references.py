"""Merging the types of fields and arguments: one reference that fits every subgraph's.

Output positions take the widest type, input positions the strictest. Invariant: the result is one of the given
references.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge.state import Merge, Source, names
from gateway.language.schema import Field, InputValue, Schema
from gateway.language.subtypes import is_subtype
from gateway.language.type_refs import TypeRef


def merge_output(merge: Merge, coordinate: str, sources: Sequence[Source[Field]]) -> TypeRef:
    return _merge(merge, coordinate, sources, wide=True)


def merge_input(merge: Merge, coordinate: str, sources: Sequence[Source[InputValue]], *, field: bool) -> TypeRef:
    return _merge(merge, coordinate, sources, wide=False, argument=not field)


def _merge(
    merge: Merge,
    coordinate: str,
    sources: Sequence[Source[Field]] | Sequence[Source[InputValue]],
    *,
    wide: bool,
    argument: bool = False,
) -> TypeRef:
    found = list(dict.fromkeys(source.element.type for source in sources))
    if len(found) == 1:
        return found[0]
    for candidate in found:
        if all(_fits(merge.schema, other, candidate, wide=wide) for other in found):
            _hint(merge, coordinate, sources, candidate, argument=argument)
            return candidate
    _mismatch(merge, coordinate, sources, argument=argument)
    return found[0]


def _fits(schema: Schema, other: TypeRef, chosen: TypeRef, *, wide: bool) -> bool:
    return is_subtype(schema, other, chosen) if wide else is_subtype(schema, chosen, other)


def _listing(sources: Sequence[Source[Field]] | Sequence[Source[InputValue]]) -> str:
    by_type: dict[TypeRef, list[str]] = {}
    for source in sources:
        by_type.setdefault(source.element.type, []).append(source.subgraph.name)
    return " but ".join(f'type "{type_}" in {names(where)}' for type_, where in by_type.items())


def _hint(
    merge: Merge,
    coordinate: str,
    sources: Sequence[Source[Field]] | Sequence[Source[InputValue]],
    chosen: TypeRef,
    *,
    argument: bool,
) -> None:
    code = "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE" if argument else "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE"
    merge.report.hint(
        code,
        f'Type of "{coordinate}" is inconsistent but compatible across subgraphs: the supergraph uses "{chosen}"; '
        f"it has {_listing(sources)}.",
        coordinate,
        [place for source in sources for place in [source.place]],
    )


def _mismatch(
    merge: Merge,
    coordinate: str,
    sources: Sequence[Source[Field]] | Sequence[Source[InputValue]],
    *,
    argument: bool,
) -> None:
    merge.report.error(
        "FIELD_ARGUMENT_TYPE_MISMATCH" if argument else "FIELD_TYPE_MISMATCH",
        f'Type of "{coordinate}" is incompatible across subgraphs: it has {_listing(sources)}. Align the types.',
        [place for source in sources for place in [source.place]],
    )
