"""Temporal: the development server of its command-line tool, durable in SQLite, built once from the Go module here."""

import http.client
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from scripts.engines.engine import Place
from scripts.engines.once import fingerprint, make_once, run_tool
from scripts.engines.places import DEFINITIONS
from scripts.engines.ports import LOOPBACK
from scripts.engines.progress import Say

PACKAGE = "github.com/temporalio/cli/cmd/temporal"
NEEDS_GO = "Go is missing: https://go.dev/dl (1.21 or newer; it fetches the version that go.mod asks for)"


@dataclass(frozen=True, slots=True)
class Temporal:
    """See `engine.Engine`."""

    name: str = "temporal"
    port_names: tuple[str, ...] = ("grpc", "http", "ui")
    stop_signal: signal.Signals = signal.SIGTERM

    def provision(self, cache: Path, tell: Say) -> None:
        provision(cache, tell)

    def create(self, place: Place, data: Path) -> None:
        return  # it makes its database file itself

    def command(self, place: Place) -> list[str]:
        ports = [
            f"--port={place.ports['grpc']}",
            f"--http-port={place.ports['http']}",
            f"--ui-port={place.ports['ui']}",
        ]
        keep = [f"--db-filename={place.data / 'temporal.db'}", "--log-level=error"]
        return [binary(place.cache), "server", "start-dev", f"--ip={LOOPBACK}", *ports, *keep]

    def is_ready(self, place: Place) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, place.ports["http"], timeout=2.0)
        try:
            connection.request("GET", "/api/v1/namespaces/default")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def environment(self, place: Place) -> dict[str, str]:
        return {"TASKFLOW_TEMPORAL_ADDRESS": f"{LOOPBACK}:{place.ports['grpc']}"}


def ui_url(place: Place) -> str:
    """The page that shows workflows."""
    return f"http://{LOOPBACK}:{place.ports['ui']}"


def provision(cache: Path, tell: Say) -> None:
    """Build the tool unless it is there or on PATH. Raises EngineError."""
    if shutil.which("temporal") is not None:
        return

    def build(folder: Path) -> None:
        run_tool(["go", "build", "-trimpath", "-o", str(folder / "temporal"), PACKAGE], cwd=DEFINITIONS, needs=NEEDS_GO)

    make_once(_folder(cache), "Temporal: building its server (2 to 3 minutes, once)", build, tell)


def binary(cache: Path) -> str:
    """The tool: one on PATH, else the one built here."""
    return shutil.which("temporal") or str(_folder(cache) / "temporal")


def is_provisioned(cache: Path) -> bool:
    """Whether nothing is left to build."""
    return Path(binary(cache)).exists()


def _folder(cache: Path) -> Path:
    return cache / f"temporal-{fingerprint(DEFINITIONS / 'go.mod')}"
