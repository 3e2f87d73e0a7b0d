"""Merging descriptions: the one that most subgraphs give, the earliest of equals."""

from __future__ import annotations

from collections import Counter

from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.schema import Element


def merge_description(merge: Merge, target: Element, sources: list[Source[Element]], coordinate: str) -> None:
    given = [source for source in sources if source.element.description]
    counts = Counter(source.element.description for source in given)
    if not counts:
        target.description = "" if any(source.element.description == "" for source in sources) else None
        return
    target.description, _ = counts.most_common(1)[0]
    if len(counts) > 1:
        kept = [source for source in given if source.element.description == target.description]
        merge.report.hint(
            "INCONSISTENT_DESCRIPTION",
            f'"{coordinate}" has different descriptions; the supergraph uses that of {names(kept)}.',
            coordinate,
            places(given),
        )
