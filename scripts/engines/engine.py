"""What an engine must tell so that `server` can run it; one implementation per module beside this one."""

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scripts.engines.progress import Say


class EngineError(Exception):
    """An engine cannot be had or does not start; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Place:
    """One instance: its folder, its ports, and the cache its program lies in."""

    folder: Path
    cache: Path
    ports: Mapping[str, int]

    @property
    def data(self) -> Path:
        """What survives a restart."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "log"


class Engine(Protocol):
    """A kind of server. Stateless: everything about one instance is in its `Place`."""

    @property
    def name(self) -> str:
        """Also the name of its folder."""
        ...

    @property
    def port_names(self) -> tuple[str, ...]:
        """One port is chosen and kept per name."""
        ...

    @property
    def stop_signal(self) -> signal.Signals:
        """The signal after which it stops cleanly and soon, clients or not."""
        ...

    def provision(self, cache: Path, tell: Say) -> None:
        """Bring its program onto the machine; returns at once when it is there. Raises EngineError."""
        ...

    def create(self, place: Place, data: Path) -> None:
        """Fill a new data folder (which becomes `place.data` when this returns)."""
        ...

    def command(self, place: Place) -> list[str]:
        """The command that serves `place`."""
        ...

    def is_ready(self, place: Place) -> bool:
        """Whether it answers a request of its own protocol."""
        ...

    def environment(self, place: Place) -> dict[str, str]:
        """The settings by which our processes find it; the first one, when set outside, replaces the engine."""
        ...


def read_json(path: Path) -> dict[str, int]:
    """A small file of names and numbers; empty when it is missing or was cut off by a crash."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {str(key): int(value) for key, value in content.items()}
