"""GraphQL errors as the client sees them: plain JSON objects, made in one place so that their shape is one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ErrorDict = dict[str, Any]
ClientPath = tuple[str | int, ...]

HTTP_ERROR = "SUBREQUEST_HTTP_ERROR"
MALFORMED_RESPONSE = "SUBREQUEST_MALFORMED_RESPONSE"
RESPONSE_INVALID = "RESPONSE_VALIDATION_FAILED"
DOWNSTREAM_ERROR = "DOWNSTREAM_SERVICE_ERROR"


def gateway_error(code: str, message: str, path: ClientPath | None = None, **extensions: Any) -> ErrorDict:
    """An error of the gateway's own."""
    error: ErrorDict = {"message": message}
    if path is not None:
        error["path"] = list(path)
    error["extensions"] = {"code": code, **extensions}
    return error


def subgraph_error(service: str, raw: Any) -> ErrorDict:
    """An error of a subgraph, cleaned: message and extensions stay, places in its document go, its name is added."""
    source = raw if isinstance(raw, dict) else {}
    message = source.get("message")
    extensions = source.get("extensions")
    kept = dict(extensions) if isinstance(extensions, dict) else {}
    kept.setdefault("code", DOWNSTREAM_ERROR)
    kept["service"] = service
    return {"message": message if isinstance(message, str) else "Unknown subgraph error", "extensions": kept}


class ErrorLog:
    """The errors of one response, in order, each (message, path) once.

    `around`: the log of what was answered before and is continued here. `held`: errors found here that are told only
    with an answer that continues this one.
    """

    __slots__ = ("_above", "_around", "_paths", "_seen", "entries", "held")

    def __init__(self, errors: Iterable[ErrorDict] = (), around: ErrorLog | None = None) -> None:
        self.entries: list[ErrorDict] = []
        self.held: list[ErrorDict] = []
        self._around = around
        self._seen: set[tuple[str, ClientPath | None]] = set()
        self._paths: set[ClientPath] = set()
        self._above: set[ClientPath] = set()
        for error in errors:
            self.add(error)

    def add(self, error: ErrorDict) -> None:
        place = error.get("path")
        path = None if place is None else tuple(place)
        if (error["message"], path) in self._seen:
            return
        self._seen.add((error["message"], path))
        self.entries.append(error)
        self._paths.add(path or ())
        self._above.update((path or ())[:length] for length in range(len(path or ())))

    def explains(self, path: ClientPath) -> bool:
        """Whether a null at `path` needs no error of its own: one above, below or without place tells of it."""
        if path in self._above or any(path[:length] in self._paths for length in range(len(path) + 1)):
            return True
        return self._around is not None and self._around.explains(path)

    def held_before(self) -> list[ErrorDict]:
        """The errors that the answers continued here have held back."""
        return [] if self._around is None else [*self._around.held_before(), *self._around.held]

    def explanations(self, path: ClientPath) -> list[ErrorDict]:
        """The errors that tell of a null at `path`, the log around included."""
        found = [] if self._around is None else self._around.explanations(path)
        for error in self.entries:
            place = tuple(error.get("path") or ())
            if place[: len(path)] == path or path[: len(place)] == place:
                found.append(error)
        return found
