"""What the merging stages share: the subgraphs, the growing supergraph and the report.

Invariant: `sources` of an element always has one entry per subgraph that could define it, in the order of subgraphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.composition.facts import Coordinate, Facts
from gateway.composition.report import Place, Report
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Element, Schema, Type

E = TypeVar("E", bound=Element)


@dataclass(frozen=True, slots=True)
class Source(Generic[E]):
    """One subgraph's declaration of an element that several subgraphs may declare."""

    subgraph: Subgraph
    element: E

    @property
    def place(self) -> Place:
        return self.subgraph.name, self.element.node


@dataclass(slots=True)
class Override:
    """What `@override` does to one subgraph's declaration of a field."""

    overridden: bool = False  # taken over by another subgraph, without a label
    label: str | None = None  # on both ends of a labelled override
    used: bool = False  # taken over and still needed here
    origin: bool = False  # the end that a labelled override takes the field from


@dataclass(slots=True)
class Merge:
    """One composition's working state."""

    subgraphs: Sequence[Subgraph]
    report: Report
    schema: Schema = field(default_factory=lambda: Schema("schema"))
    facts: dict[str, Facts] = field(default_factory=dict)
    overrides: dict[tuple[Coordinate, str], Override] = field(default_factory=dict)
    annotated: list[tuple[Element, list[Source[Element]]]] = field(default_factory=list)
    specified: set[str] = field(default_factory=set)  # types and directives that linked specifications bring
    composed: set[str] = field(default_factory=set)  # directives named by @composeDirective
    subgraph_named: dict[str, Subgraph] = field(default_factory=dict)

    _declared: dict[str, list[Source[Type]]] = field(default_factory=dict)

    def index(self) -> None:
        """Finds the declarations of every type; to be called before anything is merged."""
        for subgraph in self.subgraphs:
            for name, owner in subgraph.schema.types.items():
                if name not in subgraph.machinery:
                    self._declared.setdefault(name, []).append(Source(subgraph, owner))

    def types(self, name: str) -> list[Source[Type]]:
        """The type's declarations."""
        return self._declared.get(name, [])

    def annotate(self, target: Element, sources: Iterable[Source[E]]) -> None:
        """Remembers where an element's directives and description come from; they are merged at the end."""
        self.annotated.append((target, [Source(source.subgraph, source.element) for source in sources]))


def names(sources: Iterable[Source[E]] | Iterable[str]) -> str:
    """`subgraph "a"` or `subgraphs "a", "b" and "c"`."""
    shown = [f'"{entry.subgraph.name if isinstance(entry, Source) else entry}"' for entry in sources]
    if len(shown) == 1:
        return f"subgraph {shown[0]}"
    return f"subgraphs {', '.join(shown[:-1])} and {shown[-1]}"


def places(sources: Iterable[Source[E]]) -> list[Place]:
    return [source.place for source in sources]
