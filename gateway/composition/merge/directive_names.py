"""What the supergraph calls the federation directives that it keeps: the documents' own names, which must agree."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.composition.merge.state import Merge
from gateway.language import directives
from gateway.language.elements import elements


@dataclass(slots=True)
class Names:
    """What the supergraph calls each composed federation directive, and which subgraph called it so."""

    chosen: dict[str, str] = field(default_factory=dict)
    by_subgraph: dict[str, dict[str, str]] = field(default_factory=dict)


def choose_names(merge: Merge) -> Names:
    """The documents' own names of the composed directives that are applied somewhere; they must agree."""
    found = Names()
    for subgraph in merge.subgraphs:
        for element in elements(subgraph.schema):
            for entry in element.directives:
                spec = directives.BY_NAME.get(entry.spec or "")
                if spec is not None and spec.composed:
                    found.by_subgraph.setdefault(spec.name, {})[subgraph.name] = entry.name
    for spec_name, by_subgraph in found.by_subgraph.items():
        used = list(dict.fromkeys(by_subgraph.values()))
        found.chosen[spec_name] = used[-1]
        if len(used) > 1:
            listing = " but ".join(f'"@{name}" in subgraph "{where}"' for where, name in by_subgraph.items())
            merge.report.error(
                "LINK_IMPORT_NAME_MISMATCH",
                f'The "@{spec_name}" directive is imported with mismatched name between subgraphs: it is {listing}. '
                "Import it under one name.",
                [(where, None) for where in by_subgraph],
            )
    return found
