"""`python -m gateway serve`: serves a supergraph file or a list of subgraphs; without either, the product's own graph.

The generic form needs nothing but the subgraphs; the product's needs its settings.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from gateway.assembly import GraphOptions, assemble
from gateway.commands.subgraph_files import InvalidSubgraphs, from_paths
from gateway.composition import compose
from gateway.pipeline.engine import EngineOptions
from gateway.pipeline.generations import Generations
from gateway.pipeline.prepare import PrepareOptions
from gateway.server.asgi import Gateway
from gateway.server.operations import Operations
from gateway.server.ports import ForwardingIdentity
from gateway.server.view import GatewayView, ViewOptions
from gateway.supergraph.errors import InvalidSupergraph
from gateway.transport.endpoint import UnusableUrl
from kit.errors import DomainError, Kind
from kit.lifecycle import Process, Service, run
from kit.settings import Settings, load
from kit.telemetry import logger

FOLLOW_SECONDS = 1.0


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
    parser.add_argument("--show-plans", action="store_true", help="clients may ask for plans: extensions {plan: true}")
    parser.add_argument(
        "--pass-replies",
        action="store_true",
        help="hand whole replies on unread where nothing is to change: trusts subgraphs to keep to their schemas",
    )
    parser.add_argument("--mask-errors", action="store_true", help="log subgraphs' errors instead of showing them")
    return parser.parse_args(arguments)


async def _start(process: Process, given: argparse.Namespace) -> None:
    generations = Generations()
    read = _modified(given)
    _load(generations, given)
    await process.on_stop("generations", generations.aclose)
    identity = ForwardingIdentity(tuple(given.forward or ("authorization",)))
    operations = Operations(generations, plans=given.show_plans)
    process.mount(Gateway(GatewayView(operations, identity, ViewOptions())))
    await process.spawn("graph file", lambda: _follow(generations, given, read))


def _load(generations: Generations, given: argparse.Namespace) -> None:
    """Takes the file's graph into use. Raises DomainError when it cannot be served."""
    try:
        assembled = assemble(_supergraph(given), _options(given))
    except (InvalidSupergraph, InvalidSubgraphs, UnusableUrl, OSError, UnicodeDecodeError) as error:
        raise DomainError(Kind.INVALID, "BAD_INPUT", f"cannot serve this graph: {error}") from error
    generations.swap(assembled.engine, assembled.client.aclose)


async def _follow(generations: Generations, given: argparse.Namespace, read: float) -> None:
    """Reads the file again when it changes; one that cannot be served is said and changes nothing."""
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        modified = _modified(given)
        if modified == read:
            continue
        read = modified
        try:
            _load(generations, given)
        except DomainError as error:
            logger("serve").error("the changed graph is not used", reason=error.message)


def _options(given: argparse.Namespace) -> GraphOptions:
    engine = EngineOptions(prepare=PrepareOptions(pass_replies=given.pass_replies))
    return GraphOptions(engine=engine, mask_errors=given.mask_errors)


def _modified(given: argparse.Namespace) -> float:
    """When the file was written; 0 while there is none."""
    path: Path = given.supergraph or given.subgraphs
    return path.stat().st_mtime if path.exists() else 0.0


def _supergraph(given: argparse.Namespace) -> str:
    """The supergraph's text, composed here if need be. Raises InvalidSubgraphs."""
    if given.supergraph is not None:
        path: Path = given.supergraph
        return path.read_text(encoding="utf-8")
    composition = compose(from_paths([str(given.subgraphs)]))
    if composition.supergraph_sdl is None:
        raise InvalidSubgraphs("; ".join(f"{error.code}: {error.message}" for error in composition.errors))
    return composition.supergraph_sdl
