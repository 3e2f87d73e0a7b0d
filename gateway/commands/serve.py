"""`python -m gateway serve`: serves a supergraph file or a list of subgraphs; without either, the product's own graph.

The generic form needs nothing but the subgraphs; the product's needs its settings.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from gateway.assembly import GraphOptions, assemble
from gateway.commands.subgraph_files import InvalidSubgraphs, from_paths
from gateway.composition import compose
from gateway.pipeline.generations import Generations
from gateway.server.asgi import Gateway
from gateway.server.operations import Operations
from gateway.server.ports import ForwardingIdentity
from gateway.server.view import GatewayView, ViewOptions
from gateway.supergraph.errors import InvalidSupergraph
from gateway.transport.endpoint import UnusableUrl
from kit.errors import DomainError, Kind
from kit.lifecycle import Process, Service, run
from kit.settings import Settings, load


def main(arguments: list[str]) -> int:
    """Runs until SIGTERM."""
    given = _parse(arguments)
    if given.supergraph is None and given.subgraphs is None:
        product: Callable[[argparse.Namespace], None] = import_module("gateway.app").serve
        product(given)
        return 0
    overrides = {name: value for name, value in (("host", given.host), ("port", given.port)) if value is not None}
    settings = load(Settings).model_copy(update={"log_level": "WARNING", **overrides})
    run(Service("gateway", settings, lambda process: _start(process, given)))
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m gateway serve", description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--supergraph", type=Path, metavar="FILE", help="a supergraph's SDL")
    source.add_argument("--subgraphs", type=Path, metavar="FILE", help="a JSON list of {name, url, sdl}")
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (a free one)")
    parser.add_argument("--forward", action="append", metavar="HEADER", help="client header to hand on (authorization)")
    return parser.parse_args(arguments)


async def _start(process: Process, given: argparse.Namespace) -> None:
    generations = Generations()
    try:
        assembled = assemble(_supergraph(given), GraphOptions())
    except (InvalidSupergraph, InvalidSubgraphs, UnusableUrl, OSError, UnicodeDecodeError) as error:
        raise DomainError(Kind.INVALID, "BAD_INPUT", f"cannot serve this graph: {error}") from error
    generations.swap(assembled.engine, assembled.client.aclose)
    await process.on_stop("generations", generations.aclose)
    identity = ForwardingIdentity(tuple(given.forward or ("authorization",)))
    process.mount(Gateway(GatewayView(Operations(generations), identity, ViewOptions())))


def _supergraph(given: argparse.Namespace) -> str:
    """The supergraph's text, composed here if need be. Raises InvalidSubgraphs."""
    if given.supergraph is not None:
        path: Path = given.supergraph
        return path.read_text(encoding="utf-8")
    composition = compose(from_paths([str(given.subgraphs)]))
    if composition.supergraph_sdl is None:
        raise InvalidSubgraphs("; ".join(f"{error.code}: {error.message}" for error in composition.errors))
    return composition.supergraph_sdl
