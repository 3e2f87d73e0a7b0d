"""Puts a generation together: from a supergraph's text to an engine that answers operations on it."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ConstDirectiveNode

from gateway.executor.ports import SubgraphClient
from gateway.pipeline.engine import Engine, EngineOptions
from gateway.pipeline.passthrough import Passthrough
from gateway.pipeline.ports import Authorizer, SubscriptionSource
from gateway.pipeline.subscribe import SubscriptionGraph
from gateway.planner.plan import Planner
from gateway.supergraph.model import Supergraph
from gateway.supergraph.parse import parse_supergraph
from gateway.transport.client import HttpSubgraphs, TransportOptions
from gateway.transport.masking import MaskedStreams, MaskedSubgraphs
from gateway.transport.streams import SubgraphStreams


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphOptions:
    """What does not come from the supergraph. `urls` replaces the URLs of services by replicas; `around` wraps the
    client that calls them, `source` what feeds subscriptions (by default the subgraphs' own streams). `mask_errors`
    logs what subgraphs say of their errors instead of telling clients.
    """

    engine: EngineOptions = field(default_factory=EngineOptions)
    transport: TransportOptions = field(default_factory=TransportOptions)
    urls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    authorizer: Authorizer | None = None
    around: Callable[[SubgraphClient], SubgraphClient] | None = None
    source: Callable[[SubscriptionSource], SubscriptionSource] | None = None
    mask_errors: bool = False


@dataclass(frozen=True, slots=True)
class Assembled:
    """An engine and what must be closed when it retires."""

    engine: Engine
    client: HttpSubgraphs


def assemble(sdl: str, options: GraphOptions) -> Assembled:
    """An engine for a supergraph. Raises InvalidSupergraph, or UnusableUrl for a service that cannot be called."""
    supergraph = parse_supergraph(sdl)
    urls = {graph.name: tuple(options.urls.get(graph.name, (graph.url,))) for graph in supergraph.subgraphs.values()}
    client = HttpSubgraphs(urls, options.transport)
    planner = Planner(supergraph)
    called: SubgraphClient = MaskedSubgraphs(client) if options.mask_errors else client
    streams = Passthrough(MaskedStreams(SubgraphStreams(urls)) if options.mask_errors else SubgraphStreams(urls))
    engine = Engine(
        supergraph.api_schema,
        planner.plan,
        options.around(called) if options.around else called,
        options=options.engine,
        authorizer=options.authorizer,
        subscriptions=_subscriptions(supergraph, options.source(streams) if options.source else streams),
        labels=Labels(supergraph.labels).active if supergraph.labels else None,
    )
    return Assembled(engine, client)


class Labels:
    """Decides which override labels are active for an operation: `percent(n)` by chance, others never."""

    def __init__(self, labels: Collection[str]) -> None:
        self._percent = {label: share for label in labels if (share := _percent(label)) is not None}

    def active(self) -> frozenset[str]:
        return frozenset(label for label, share in self._percent.items() if random.random() * 100 < share)  # noqa: S311


def _percent(label: str) -> float | None:
    if label.startswith("percent(") and label.endswith(")"):
        try:
            return float(label[8:-1])
        except ValueError:
            return None
    return None


def _subscriptions(supergraph: Supergraph, source: SubscriptionSource) -> SubscriptionGraph:
    root = supergraph.roots.subscription

    def keys(service: str, typename: str) -> Sequence[tuple[str, ...]]:
        found: Any = supergraph.subgraph_named(service).types.get(typename)
        given = found.keys if found is not None else ()
        return [tuple(key.fields.split()) for key in given if key.resolvable and not set(key.fields) & set("{(")]

    directives: dict[str, tuple[ConstDirectiveNode, ...]] = {
        name: composed for (typename, name), composed in supergraph.field_directives.items() if typename == root
    }
    return SubscriptionGraph(schema=supergraph.api_schema, keys=keys, directives=directives, source=source)
