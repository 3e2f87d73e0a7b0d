"""The answer to one operation and its JSON form.

An answer that was never executed has no `data` at all: clients tell a refused request from a failed field by that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.executor.errors import ErrorDict, gateway_error


@dataclass(slots=True)
class Answer:
    """`executed` is False when the request was refused before execution. `data` is for encoding only.

    Several clients may be given the same answer: it is not changed once it was made, and encoded once.
    """

    data: Any = None
    errors: list[ErrorDict] = field(default_factory=list)
    extensions: dict[str, Any] | None = None
    executed: bool = True
    _encoded: bytes | None = None

    def content(self) -> dict[str, Any]:
        """The response object, errors first where there are any."""
        out: dict[str, Any] = {}
        if self.errors:
            out["errors"] = self.errors
        if self.executed:
            out["data"] = self.data
        if self.extensions:
            out["extensions"] = self.extensions
        return out

    def encode(self) -> bytes:
        if self._encoded is None:
            self._encoded = orjson.dumps(self.content())
        return self._encoded


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
