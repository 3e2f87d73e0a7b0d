"""What an execution is given and what it gives back, whichever executor runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.executor.errors import ErrorDict
from gateway.executor.ports import Caller


@dataclass(frozen=True, slots=True)
class Request:
    """One run of a plan.

    `variables` are sent to subgraphs as the client gave them; `coerced` decide conditions (defaults filled in).
    `data` holds what is known before the first fetch (introspection results, the value of a live event) and is
    taken over: the run merges into it. `errors` are those that came with it.
    """

    variables: Mapping[str, Any]
    coerced: Mapping[str, Any]
    caller: Caller
    deadline: float
    data: dict[str, Any] = field(default_factory=dict)
    errors: tuple[ErrorDict, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer: `data` may hold `orjson.Fragment`s, so it is for encoding only."""

    data: Any
    errors: list[ErrorDict]
