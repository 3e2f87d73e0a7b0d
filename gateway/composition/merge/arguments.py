"""Merging arguments and input fields: what all subgraphs have in common.

Invariant: an argument that some subgraph does not know never reaches the supergraph.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge.references import merge_input
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.literals import key, text
from gateway.language.schema import Field, InputValue


def merge_arguments(merge: Merge, coordinate: str, target: Field, sources: Sequence[Source[Field]]) -> None:
    """Fills the arguments of a merged field from its resolving declarations."""
    found = dict.fromkeys(name for source in sources for name in source.element.args)
    for name in found:
        having = [
            Source(source.subgraph, source.element.args[name]) for source in sources if name in source.element.args
        ]
        lacking = [source for source in sources if name not in source.element.args]
        at = f"{coordinate}({name}:)"
        if _is_contextual(merge, at, having, lacking):
            continue
        if lacking:
            _report_missing(merge, at, having, lacking)
            continue
        argument = InputValue(name, type=merge_input(merge, at, having, field=False))
        merge_default(merge, at, argument, having, field=False)
        merge.annotate(argument, having)
        target.args[name] = argument


def _is_contextual(
    merge: Merge, at: str, having: Sequence[Source[InputValue]], lacking: Sequence[Source[Field]]
) -> bool:
    """Arguments filled from a context are no part of the supergraph; they are said in `@join__field`."""
    contextual = [source for source in having if source.element.has("fromContext")]
    if not contextual:
        return False
    plain = [source for source in having if not source.element.has("fromContext")]
    code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    for source in plain:
        told = f'Argument "{at}" is contextual in {names(contextual)} but not in {names([source])}'
        if source.element.required:
            merge.report.error(code, f"{told}, where it is required. Make it contextual there too.", places(having))
        else:
            merge.report.hint(code, f"{told}; the supergraph does not have it.", at, places(having))
    return True


def _report_missing(
    merge: Merge, at: str, having: Sequence[Source[InputValue]], lacking: Sequence[Source[Field]]
) -> None:
    required = [source for source in having if source.element.required]
    if required:
        merge.report.error(
            "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
            f'Argument "{at}" is required in {names(required)} but does not appear in {names(lacking)}. '
            "Declare it everywhere or make it optional.",
            places(required) + places(lacking),
        )
        return
    merge.report.hint(
        "INCONSISTENT_ARGUMENT_PRESENCE",
        f'Optional argument "{at}" is left out of the supergraph: it is defined in {names(having)} '
        f"but not in {names(lacking)}.",
        at,
        places(having),
    )


def merge_default(
    merge: Merge, at: str, target: InputValue, sources: Sequence[Source[InputValue]], *, field: bool
) -> None:
    """Defaults must be equal; one that only some subgraphs give is dropped with a hint."""
    given = [source for source in sources if source.element.has_default]
    if not given:
        return
    if len({key(source.element.default) for source in given}) > 1:
        listing = " but ".join(f"{text(source.element.default)} in {names([source])}" for source in given)
        merge.report.error(
            "INPUT_FIELD_DEFAULT_MISMATCH" if field else "FIELD_ARGUMENT_DEFAULT_MISMATCH",
            f'"{at}" has incompatible default values across subgraphs: {listing}. Give all the same default.',
            places(given),
        )
    elif len(given) < len(sources):
        lacking = [source for source in sources if not source.element.has_default]
        merge.report.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            f'"{at}" has a default value in {names(given)} only and will have none in the supergraph '
            f"(there is none in {names(lacking)}).",
            at,
            places(sources),
        )
    else:
        target.default, target.has_default = given[0].element.default, True
