"""Keeps the graph in step with the subgraphs: asks them for their SDL, composes, and swaps the engine when it changed.

A set that does not compose is said once and changes nothing: the graph in use stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from gateway.assembly import Assembled, GraphOptions, assemble
from gateway.composition import SubgraphInput, compose
from gateway.executor.ports import Caller, SubgraphCall, SubgraphClient, SubgraphFailure
from gateway.pipeline.generations import Generations
from gateway.planner.nodes import OperationKind
from kit.errors import unavailable
from kit.telemetry import logger

_QUESTION = b'{"query":"{ _service { sdl } }"}'
_SECONDS = 5.0
_SHOWN = 200  # bytes of an answer that is no schema


class CompositionFailed(Exception):
    """The subgraphs do not compose; the message lists why."""


@dataclass(slots=True)
class SchemaWatch:
    """`urls` names the subgraphs; `caller` asks in the gateway's own name."""

    urls: Mapping[str, Sequence[str]]
    client: SubgraphClient
    caller: Caller
    options: GraphOptions
    generations: Generations
    _seen: tuple[str, ...] = ()

    async def refresh(self) -> None:
        """Takes over what changed. Raises DomainError UNAVAILABLE when a subgraph does not answer."""
        sdls = tuple(await asyncio.gather(*(self._sdl(name) for name in self.urls)))
        if sdls == self._seen:
            return
        self._seen = sdls
        log = logger("schema")
        try:
            assembled = self._compose(sdls)
        except Exception as error:
            log.error("the subgraphs do not compose", reason=str(error)[:2000])
            if self.generations.current is None:
                raise
            return
        self.generations.swap(assembled.engine, assembled.client.aclose)
        log.info("schema loaded")

    async def watch(self, seconds: float) -> None:
        """Refreshes for ever."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
            except Exception as error:
                logger("schema").warning("subgraphs cannot be asked for their schema", reason=str(error)[:500])

    def _compose(self, sdls: Sequence[str]) -> Assembled:
        inputs = [SubgraphInput(name, sdl, urls[0]) for (name, urls), sdl in zip(self.urls.items(), sdls, strict=True)]
        composition = compose(inputs)
        if composition.supergraph_sdl is None:
            raise CompositionFailed("; ".join(f"{error.code}: {error.message}" for error in composition.errors))
        return assemble(composition.supergraph_sdl, self.options)

    async def _sdl(self, name: str) -> str:
        deadline = asyncio.get_running_loop().time() + _SECONDS
        call = SubgraphCall(name, OperationKind.QUERY, _QUESTION, self.caller, deadline)
        try:
            reply = await self.client.send(call)
        except SubgraphFailure as error:
            raise unavailable(f"subgraph {name!r} does not tell its schema: {error}") from error
        sdl = _told(reply.body)
        if sdl is None:
            said = reply.body[:_SHOWN].decode(errors="replace")
            raise unavailable(f"subgraph {name!r} does not tell its schema, but: {said}")
        return sdl


def _told(body: bytes) -> str | None:
    try:
        sdl = orjson.loads(body)["data"]["_service"]["sdl"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return sdl if isinstance(sdl, str) else None
