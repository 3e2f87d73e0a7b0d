"""Merging input objects: the fields that every subgraph with the type declares."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge import join
from gateway.composition.merge.arguments import merge_default
from gateway.composition.merge.references import merge_input
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.schema import InputValue, Type


def merge_input_object(merge: Merge, target: Type, sources: Sequence[Source[Type]]) -> None:
    """Keeps common fields; an empty result is an error."""
    for name in dict.fromkeys(name for source in sources for name in source.element.inputs):
        having = [
            Source(source.subgraph, source.element.inputs[name]) for source in sources if name in source.element.inputs
        ]
        lacking = [source for source in sources if name not in source.element.inputs]
        if lacking:
            _report_missing(merge, target, name, having, lacking)
        else:
            _merge_field(merge, target, name, having)
    if not target.inputs:
        merge.report.error(
            "EMPTY_MERGED_INPUT_TYPE",
            f'None of the fields of input object type "{target.name}" are defined in all the subgraphs that define the '
            "type. Only common fields are merged, so nothing would be left.",
            places(sources),
        )


def _merge_field(merge: Merge, target: Type, name: str, having: Sequence[Source[InputValue]]) -> None:
    at = f"{target.name}.{name}"
    field = InputValue(name, type=merge_input(merge, at, having, field=True))
    merge_default(merge, at, field, having, field=True)
    join.add_input_fields(field, having)
    merge.annotate(field, having)
    target.inputs[name] = field


def _report_missing(
    merge: Merge, target: Type, name: str, having: Sequence[Source[InputValue]], lacking: Sequence[Source[Type]]
) -> None:
    at = f"{target.name}.{name}"
    required = [source for source in having if source.element.required]
    if required:
        merge.report.error(
            "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
            f'Input object field "{at}" is required in {names(required)} but does not appear in {names(lacking)}. '
            "Declare it everywhere or make it optional.",
            places(required) + places(lacking),
        )
        return
    merge.report.hint(
        "INCONSISTENT_INPUT_OBJECT_FIELD",
        f'Input object field "{name}" is left out of "{target.name}" in the supergraph: it is defined in '
        f"{names(having)} but not in {names(lacking)}.",
        at,
        places(having),
    )
