"""Owns the comparison of the gateway's answer with the one schema's.

Compared: the data; the order of their keys, unless variables decide what is selected; the order of mutations
(not how many still run once a null has reached the root); and errors as far as both can know.
An error *lands* on the null that it left: the longest part of its path that the data have.

- Where an error of the one schema landed, the gateway has one too: with the same landing, or on the object above it,
  when a whole entity could not be had.
- Where an error of the gateway lands, the one schema's did, or it is at an object for which the world made something
  fail that the client did not select.
- Where both have an error at the very same path, and the world made it, they say the same.

Not compared: how many errors tell of one null, and the words of those that the gateway or GraphQL itself finds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.differential.serving import Expected, Path

MADE = (" fails", " is lost")  # how the world's own errors end


def difference(
    expected: Expected, data: Any, errors: Sequence[Mapping[str, Any]], calls: Sequence[str], *, ordered: bool
) -> str | None:
    """What differs, None if nothing does."""
    got, wanted = json.dumps(data), json.dumps(expected.data)
    if data != expected.data or (ordered and got != wanted):
        return f"data {got}\ninstead of {wanted}\nerrors {list(errors)}\ninstead of {list(expected.errors)}"
    done = list(calls) if data is not None else list(calls)[: len(expected.calls)]
    if done != list(expected.calls):
        return f"mutations {list(calls)} instead of {list(expected.calls)}"
    found = [(tuple(error.get("path") or ()), str(error["message"])) for error in errors]
    problem = _missing(expected, found) or _unexpected(expected, found) or _reworded(expected, found)
    return f"{problem}\nerrors {found}\ninstead of {list(expected.errors)}\ndata {got}" if problem else None


def _missing(expected: Expected, found: list[tuple[Path, str]]) -> str | None:
    landings = {landing(expected.data, path) for path, _ in found}
    for path, _ in expected.errors:
        place = landing(expected.data, path)
        if place not in landings and not any(
            place[: len(each)] == each for each, _ in found if each in expected.unseen
        ):
            return f"no error for {list(path)}"
    return None


def _unexpected(expected: Expected, found: list[tuple[Path, str]]) -> str | None:
    landings = {landing(expected.data, path) for path, _ in expected.errors}
    for path, message in found:
        place = landing(expected.data, path)
        if place not in landings and not any(place[: len(each)] == each for each in expected.unseen):
            return f"an error at {list(path)}: {message}"
    return None


def _reworded(expected: Expected, found: list[tuple[Path, str]]) -> str | None:
    for path, message in expected.errors:
        if message.endswith(MADE):
            said = {other for place, other in found if place == path and other.endswith(MADE)}
            if said and message not in said:
                return f"at {list(path)} {said} instead of {message}"
    return None


def landing(data: Any, path: Path) -> Path:
    """The part of a path that the data have, up to the first null."""
    for at, step in enumerate(path):
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return path[:at]
    return path
