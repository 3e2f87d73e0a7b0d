"""MongoDB's wire protocol: SecantusDB, a single-node replica set over WiredTiger that syncs each commit.

It is only ever a separate process of the development group (its licence is not ours), never imported.
"""

import importlib.util
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from scripts.engines.engine import EngineError, Place
from scripts.engines.ports import LOOPBACK, is_open
from scripts.engines.progress import Say

NEEDS = "the MongoDB server is missing: install requirements/dev.txt, or set TASKFLOW_MONGO_URL"


@dataclass(frozen=True, slots=True)
class Mongo:
    """See `engine.Engine`."""

    name: str = "mongo"
    port_names: tuple[str, ...] = ("mongo",)
    stop_signal: signal.Signals = signal.SIGTERM

    def provision(self, cache: Path, tell: Say) -> None:
        if importlib.util.find_spec("secantus") is None:
            raise EngineError(NEEDS)

    def create(self, place: Place, data: Path) -> None:
        (data / "secantusd.toml").touch()  # an explicit empty file keeps it from reading one in the user's home

    def command(self, place: Place) -> list[str]:
        program = str(Path(sys.executable).with_name("secantusd-py"))
        listen = ["--host", LOOPBACK, "--port", str(place.ports["mongo"])]
        keep = ["--storage-path", str(place.data / "store"), "--sync-on-commit", "--cache-size", "256M"]
        config = ["--config", str(place.data / "secantusd.toml"), "--log-level", "WARNING"]
        return [sys.executable, program, *config, *listen, *keep]

    def is_ready(self, place: Place) -> bool:
        if not is_open(place.ports["mongo"]):
            return False
        try:
            with pymongo.MongoClient[dict[str, object]](url(place), serverSelectionTimeoutMS=1000) as client:
                return client.admin.command("ping").get("ok") == 1.0
        except PyMongoError:
            return False

    def environment(self, place: Place) -> dict[str, str]:
        return {"TASKFLOW_MONGO_URL": url(place)}


def url(place: Place) -> str:
    """Direct connection: the one node is the whole replica set, there is nothing to discover."""
    return f"mongodb://{LOOPBACK}:{place.ports['mongo']}/?directConnection=true"
