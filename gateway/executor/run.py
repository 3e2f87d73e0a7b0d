"""What an execution is given and what it gives back, whichever executor runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.executor.errors import ClientPath, ErrorDict
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
    """The answer: `data` may hold `orjson.Fragment`s, so it is for encoding only. `has_next`: deferred parts follow."""

    data: Any
    errors: list[ErrorDict]
    has_next: bool = False


@dataclass(frozen=True, slots=True)
class Increment:
    """What a deferred part adds to the object at `path`; None where it has a null that may not be."""

    path: ClientPath
    label: str | None
    data: Any
    errors: list[ErrorDict]


@dataclass(frozen=True, slots=True)
class Batch:
    """The parts that became ready together."""

    increments: list[Increment]
    has_next: bool
