"""The answer to one operation and its JSON form.

An answer that was never executed has no `data` at all: clients tell a refused request from a failed field by that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.executor.errors import ErrorDict, gateway_error
from gateway.executor.run import Increment


@dataclass(slots=True)
class Answer:
    """`executed` is False when the request was refused before execution. `data` is for encoding only.

    `has_next` is None for the only answer of an operation, and tells of answers in parts whether more follows;
    `increments` are what an answer after the first adds.

    Several clients may be given the same answer: it is not changed once it was made, and encoded once.
    """

    data: Any = None
    errors: list[ErrorDict] = field(default_factory=list)
    extensions: dict[str, Any] | None = None
    executed: bool = True
    has_next: bool | None = None
    increments: Sequence[Increment] | None = None
    _encoded: bytes | None = None

    def content(self) -> dict[str, Any]:
        """The response object, errors first where there are any."""
        out: dict[str, Any] = {}
        if self.errors:
            out["errors"] = self.errors
        if self.increments is not None:
            out["incremental"] = [_increment(each) for each in self.increments]
        elif self.executed:
            out["data"] = self.data
        if self.extensions:
            out["extensions"] = self.extensions
        if self.has_next is not None:
            out["hasNext"] = self.has_next
        return out

    def encode(self) -> bytes:
        if self._encoded is None:
            self._encoded = orjson.dumps(self.content())
        return self._encoded


def _increment(increment: Increment) -> dict[str, Any]:
    out: dict[str, Any] = {"path": list(increment.path), "data": increment.data}
    if increment.label is not None:
        out["label"] = increment.label
    if increment.errors:
        out["errors"] = increment.errors
    return out


class RequestRefused(Exception):
    """The operation will not be executed; `errors` say why."""

    def __init__(self, *errors: ErrorDict) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)

    @classmethod
    def of(cls, code: str, message: str, **extensions: Any) -> RequestRefused:
        return cls(gateway_error(code, message, **extensions))

    def answer(self) -> Answer:
        return Answer(errors=self.errors, executed=False)
