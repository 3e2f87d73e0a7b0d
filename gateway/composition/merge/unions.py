"""Merging unions: the members of all subgraphs."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge import join
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.schema import Type


def merge_union(merge: Merge, target: Type, sources: Sequence[Source[Type]]) -> None:
    for member in dict.fromkeys(member for source in sources for member in source.element.members):
        having = [source for source in sources if member in source.element.members]
        target.members[member] = None
        join.add_members(target, member, having)
        if len(having) < len(sources):
            lacking = [source for source in sources if member not in source.element.members]
            merge.report.hint(
                "INCONSISTENT_UNION_MEMBER",
                f'Union type "{target.name}" includes member type "{member}" in {names(having)} '
                f"but not in {names(lacking)}.",
                target.name,
                places(sources),
            )
