"""`@external` declarations against the field they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language import directives
from gateway.language.literals import same, text
from gateway.language.schema import Field, InputValue
from gateway.language.subtypes import is_subtype


def check(
    merge: Merge, at: str, merged: Field, resolving: Sequence[Source[Field]], externals: Sequence[Source[Field]]
) -> None:
    """Type, arguments and defaults of each external declaration must fit the merged field."""
    odd = [source for source in externals if source.element.type != merged.type]
    if odd:
        listing = " but ".join(f'"{source.element.type}" in {names([source])}' for source in [*resolving, *odd])
        merge.report.error(
            "EXTERNAL_TYPE_MISMATCH",
            f'Type of field "{at}" is incompatible across subgraphs (where marked @external): it has type {listing}. '
            "Declare the type that the resolving subgraph has.",
            places([*resolving, *odd]),
        )
    _check_directives(merge, at, externals)
    for name, argument in merged.args.items():
        _check_argument(merge, at, argument, [entry for entry in externals if name in entry.element.args])
        lacking = [entry for entry in externals if name not in entry.element.args]
        if lacking:
            merge.report.error(
                "EXTERNAL_ARGUMENT_MISSING",
                f'Field "{at}" lacks argument "{at}({name}:)" in {names(lacking)}, where it is @external. Declare it.',
                places(lacking),
            )


def _check_argument(merge: Merge, at: str, merged: InputValue, externals: Sequence[Source[Field]]) -> None:
    shown = f"{at}({merged.name}:)"
    for source in externals:
        argument = source.element.args[merged.name]
        if not is_subtype(merge.schema, merged.type, argument.type):
            merge.report.error(
                "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
                f'Argument "{shown}" has type "{merged.type}" where it is resolved but "{argument.type}" in '
                f"{names([source])}, where the field is @external. Declare the same type.",
                places([source]),
            )
        elif merged.has_default != argument.has_default or not same(merged.default, argument.default):
            merge.report.error(
                "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
                f'Argument "{shown}" has {_default(merged)} where it is resolved but {_default(argument)} in '
                f"{names([source])}, where the field is @external. Declare the same default.",
                places([source]),
            )


def _default(argument: InputValue) -> str:
    return f"default {text(argument.default)}" if argument.has_default else "no default"


def _check_directives(merge: Merge, at: str, externals: Sequence[Source[Field]]) -> None:
    """Directives that the supergraph keeps belong to the declaration that is resolved."""
    for source in externals:
        for application in source.element.directives:
            spec = directives.BY_NAME.get(application.spec or "")
            if (spec is not None and spec.composed) or application.name in ("deprecated", "specifiedBy"):
                name = source.subgraph.name
                merge.report.error(
                    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                    f'[{name}] Cannot apply @{application.name} to external field "{at}": apply it where it resolves.',
                    [(name, application.node)],
                )
