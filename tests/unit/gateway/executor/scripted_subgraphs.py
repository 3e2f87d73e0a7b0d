"""Subgraphs that answer from a script: real implementations of the client port for executor tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from gateway.executor.ports import Headers, SubgraphCall, SubgraphFailure, SubgraphReply

Answer = dict[str, Any] | bytes | SubgraphReply | SubgraphFailure
Script = Callable[[SubgraphCall, dict[str, Any]], Answer]


class Nobody:
    """A caller without credentials."""

    key = "nobody"

    def headers(self, service: str) -> Headers:
        return ()


class ScriptedClient:
    """Answers each call from the script and records it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        body = orjson.loads(call.body)
        self.calls.append((call.service, body))
        future: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
        answer = self._script(call, body)
        match answer:
            case SubgraphFailure():
                future.set_exception(answer)
            case SubgraphReply():
                future.set_result(answer)
            case bytes():
                future.set_result(SubgraphReply(200, answer))
            case _:
                future.set_result(SubgraphReply(200, orjson.dumps(answer)))
        return future


def by_service(answers: dict[str, Answer]) -> ScriptedClient:
    return ScriptedClient(lambda call, _: answers[call.service])
