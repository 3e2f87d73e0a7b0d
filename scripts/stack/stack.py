"""A running product: engines, then every process of ours at once; whatever order they come up in, they find each other.

Used by `./scripts/dev` on the state of the checkout and by tests on a folder that is forgotten afterwards.
"""

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scripts.engines.catalogue import ENGINES
from scripts.engines.engine import EngineError, read_json
from scripts.engines.places import CHECKOUT, cache_folder
from scripts.engines.ports import LOOPBACK, PortClaims, choose
from scripts.engines.progress import Say, say, step
from scripts.engines.run import EngineSet, OwnedRun, open_run
from scripts.engines.server import last_lines
from scripts.stack import graphiql
from scripts.stack.keys import load_or_make
from scripts.stack.processes import ROLES, Instance, Role, addresses, instances, settings_of
from scripts.stack.supervisor import Command, Supervisor

PREFERRED_PORTS = {"gateway-1": 8400, "mail": 8401}
PASSED_ON = ("TASKFLOW_LOG_LEVEL", "TASKFLOW_OTLP_ENDPOINT", "TASKFLOW_FAILPOINTS", "TASKFLOW_MAIL_FROM")
READY_SECONDS = 90.0
HOPELESS_RESTARTS = 4
MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Options:
    """How much of the product runs."""

    replicas: int = 1
    engines_only: bool = False
    keep: bool = True
    preferred_ports: Mapping[str, int] | None = None
    settings: Mapping[str, str] | None = None  # further settings for every process, for tests
    roles: Mapping[str, Role] = field(default_factory=lambda: ROLES)  # other programs for a role, for tests


class Stack:
    """Opened by `start`, ended by `close`, which may be called at any time and twice."""

    def __init__(self, folder: Path, options: Options | None = None, tell: Say = say) -> None:
        self.folder = folder
        self.options = options or Options()
        self._tell = tell
        self._run: OwnedRun | None = None
        self._ports: dict[str, int] = {}
        self._claims = PortClaims()
        self.supervisor = Supervisor(folder, tell)

    def start(self) -> None:
        """Engines first, then our processes. Raises EngineError; what was started is then for `close` to stop."""
        self._run = open_run(self.folder, keep=self.options.keep)
        self.engines.stop_all()  # left over when an earlier owner and its guard died together
        engine_settings = self._start_engines()
        self._choose_ports()
        if not self.options.engines_only:
            self.supervisor.start([self._mail(), *self._commands(engine_settings)])

    @property
    def is_owned(self) -> bool:
        """Whether this process owns the folder: before that there is nothing to stop."""
        return self._run is not None

    @property
    def engines(self) -> EngineSet:
        """The engines, to kill and restart them."""
        if self._run is None:
            raise EngineError("the stack was not started")
        return self._run.engines

    @property
    def processes(self) -> list[Instance]:
        """Every process of ours whose code is here."""
        return [one for one in instances(self.options.replicas, self.options.roles) if _exists(one.role.module)]

    def url(self, name: str, path: str = "") -> str:
        """Where a process (`gateway-1`, `mail`) answers HTTP."""
        return f"http://{LOOPBACK}:{self._ports[name]}{path}"

    def wait_until_ready(self, seconds: float = READY_SECONDS, over: threading.Event | None = None) -> None:
        """Returns when every process is ready, or when `over`. Raises EngineError naming those that are not."""
        waiting = list(self.supervisor.names)
        deadline = time.monotonic() + seconds
        while waiting and not (over is not None and over.is_set()):
            waiting = [name for name in waiting if not _answers(self.url(name, "/readyz"))]
            hopeless = any(self.supervisor.restarts(name) >= HOPELESS_RESTARTS for name in waiting)
            if waiting and (hopeless or time.monotonic() > deadline):
                said = "\n".join(f"{name} said:\n{last_lines(self.supervisor.log(name))}" for name in waiting)
                raise EngineError(f"did not come up: {', '.join(waiting)}\n{said}")
            time.sleep(0.1 if waiting else 0)

    def close(self) -> None:
        """Our processes drain first, then the engines stop."""
        killed = self.supervisor.close()
        if killed:
            self._tell(f"had to be killed: {', '.join(killed)}")
        self._claims.release()
        if self._run is not None:
            self._run.close()

    def _start_engines(self) -> dict[str, str]:
        with ThreadPoolExecutor(max_workers=1) as pool:
            page = pool.submit(graphiql.provision, cache_folder(), self._tell)
            with step("engines: starting", self._tell):
                settings = self.engines.start_all(ENGINES, self._tell)
            try:
                settings["TASKFLOW_GRAPHIQL_DIR"] = str(page.result())
            except EngineError as error:
                self._tell(str(error))
        return settings

    def _choose_ports(self) -> None:
        names = [name for one in instances(self.options.replicas, self.options.roles) for name in one.port_names]
        remembered = self.folder / "ports.json"
        before = {**(self.options.preferred_ports or {}), **read_json(remembered)}
        self._ports = choose([*names, MAIL, "mail.smtp"], before, self._claims.take)
        remembered.write_text(json.dumps({**before, **self._ports}))

    def _commands(self, engine_settings: Mapping[str, str]) -> list[Command]:
        keys = load_or_make(self.folder)
        everyone = instances(self.options.replicas, self.options.roles)
        shared = {
            "TASKFLOW_HOST": LOOPBACK,
            "TASKFLOW_PUBLIC_URL": self.url("gateway-1"),
            "TASKFLOW_SMTP_URL": f"smtp://{LOOPBACK}:{self._ports['mail.smtp']}",
            **engine_settings,
            **({"TASKFLOW_SMTP_URL": given} if (given := os.environ.get("TASKFLOW_SMTP_URL")) else {}),
            **addresses(everyone, self._ports),
        }
        further = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **(self.options.settings or {}),
        }
        return [
            Command(
                one.name,
                tuple(one.role.command()),
                {**_plain_environment(), **settings_of(one, self._ports, shared, keys), **further},
            )
            for one in self.processes
        ]

    def _mail(self) -> Command:
        ports = ["--smtp-port", str(self._ports["mail.smtp"]), "--http-port", str(self._ports[MAIL])]
        argv = (sys.executable, "-m", "scripts.stack.mail", *ports, "--folder", str(self.folder / MAIL))
        return Command(MAIL, argv, _plain_environment())


def _plain_environment() -> dict[str, str]:
    """What every process sees of the outside: nothing that would change its settings."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("TASKFLOW_")}
    return {**outside, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}


def _exists(module: str) -> bool:
    path = CHECKOUT.joinpath(*module.split("."))
    return (path / "__main__.py").exists() or path.with_suffix(".py").exists()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:  # noqa: S310 (our own loopback address)
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
