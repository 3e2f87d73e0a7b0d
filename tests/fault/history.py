"""What the clients of a fault run saw: one line per call, written before it is known how the call ends.

The model is Jepsen's: an operation is invoked, and later it is `ok` (acknowledged), `fail` (definitely not done) or
`info` (nobody knows: the answer was lost). An operation without an end is `info`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO

import orjson


class Outcome(StrEnum):
    """How a client's call ended."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Creation:
    """One `taskCreate`, known by its title (unique in the run). `task_id` is known if the call was acknowledged."""

    title: str
    client: str
    due_at: datetime
    outcome: Outcome
    task_id: str | None = None
    error: str | None = None


class Recorder:
    """Appends to the history file; every line is flushed, so that a killed run can still be checked."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab")

    def invoke(self, title: str, client: str, due_at: datetime) -> None:
        """Says that a call is about to be made."""
        self._write({"event": "invoke", "title": title, "client": client, "dueAt": due_at})

    def end(self, title: str, outcome: Outcome, task_id: str | None = None, error: str | None = None) -> None:
        """Says how a call ended."""
        self._write({"event": "end", "title": title, "outcome": outcome, "taskId": task_id, "error": error})

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _write(self, line: dict[str, object]) -> None:
        self._file.write(orjson.dumps(line) + b"\n")
        self._file.flush()


def read(lines: Iterable[bytes]) -> list[Creation]:
    """The creations of a history in the order of their invocation. Raises ValueError for an end without invocation."""
    creations: dict[str, Creation] = {}
    for line in lines:
        entry = orjson.loads(line)
        title = entry["title"]
        if entry["event"] == "invoke":
            if title in creations:
                raise ValueError(f"{title} was invoked twice")
            due_at = datetime.fromisoformat(entry["dueAt"])
            creations[title] = Creation(title, entry["client"], due_at, Outcome.INFO)
        elif title not in creations:
            raise ValueError(f"{title} ended without an invocation")
        else:
            begun = creations[title]
            outcome = Outcome(entry["outcome"])
            creations[title] = Creation(title, begun.client, begun.due_at, outcome, entry["taskId"], entry["error"])
    return list(creations.values())
