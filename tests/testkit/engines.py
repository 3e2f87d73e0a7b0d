"""Real engines as fixtures, started when a collected test needs them and stopped at the end of the run.

The engines of a run live in a folder of their own on free ports: the state of a development start is never touched.
Under pytest-xdist the controller owns the run, its workers share the engines. They are started after the collection, so
that the time limit of a test never pays for a start (or, on a fresh machine, for a build).
"""

import os
import secrets
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from scripts.engines import temporal_test_server
from scripts.engines.catalogue import ENGINES
from scripts.engines.places import cache_folder, state_folder
from scripts.engines.progress import say
from scripts.engines.run import EngineSet, OwnedRun, open_run, sweep
from scripts.engines.smtp import SmtpSink
from tests.testkit.postgres import PostgresDatabase, create_database

RUN_FOLDER = "TASKFLOW_TEST_RUN"
RUN = pytest.StashKey[OwnedRun]()
NEEDED_BY = {
    "postgres_url": "postgres",
    "postgres_owner_url": "postgres",
    "postgres_database": "postgres",
    "fresh_postgres": "postgres",
    "module_postgres": "postgres",
    "mongo_url": "mongo",
    "mongo_database": "mongo",
    "redis_url": "redis",
    "kafka_bootstrap": "kafka",
    "temporal_address": "temporal",
}

OWN_ENGINES = {"private_engines", "product", "private_product"}  # these start theirs later, and find them built


def pytest_configure(config: pytest.Config) -> None:
    if getattr(config.option, "numprocesses", None):
        _own_run(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    fixtures = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    wanted = {NEEDED_BY[name] for name in fixtures if name in NEEDED_BY}
    if wanted:
        _engine_set(session.config).start_all(sorted(wanted))
    if fixtures & OWN_ENGINES:
        for engine in ENGINES.values():
            engine.provision(cache_folder(), say)
    if "temporal_time_skipping" in fixtures:
        temporal_test_server.provision(cache_folder(), say)


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()
        os.environ.pop(RUN_FOLDER, None)


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> EngineSet:
    """All engines of the run. Others use them too: kill and restart those of `private_engines`."""
    return _engine_set(request.config)


@pytest.fixture(scope="module")
def private_engines() -> Iterator[EngineSet]:
    """A second set for one test module, to kill and restart what other tests would miss."""
    run = open_run(state_folder() / "test" / f"private-{os.getpid()}-{secrets.token_hex(3)}", keep=False)
    yield run.engines
    run.close()


@pytest.fixture(scope="session")
def postgres_database(engines: EngineSet) -> Callable[[], PostgresDatabase]:
    """Makes an empty database, owned by the owner's role, on every call."""
    settings = engines.environment("postgres")
    return lambda: create_database(settings, f"test_{secrets.token_hex(6)}")


@pytest.fixture(scope="session")
def _session_postgres(postgres_database: Callable[[], PostgresDatabase]) -> PostgresDatabase:
    return postgres_database()


@pytest.fixture(scope="session")
def postgres_url(_session_postgres: PostgresDatabase) -> str:
    """One database for the whole session, as the application's role."""
    return _session_postgres.url


@pytest.fixture(scope="session")
def postgres_owner_url(_session_postgres: PostgresDatabase) -> str:
    """The database of `postgres_url`, as its owner: for migrations."""
    return _session_postgres.owner_url


@pytest.fixture(scope="module")
def module_postgres(postgres_database: Callable[[], PostgresDatabase]) -> PostgresDatabase:
    """An empty database for one test module."""
    return postgres_database()


@pytest.fixture
def fresh_postgres(postgres_database: Callable[[], PostgresDatabase]) -> PostgresDatabase:
    """An empty database for one test."""
    return postgres_database()


@pytest.fixture(scope="session")
def mongo_url(engines: EngineSet) -> str:
    """The server; take a database of your own from `mongo_database`."""
    return engines.environment("mongo")["TASKFLOW_MONGO_URL"]


@pytest.fixture
def mongo_database(mongo_url: str) -> str:
    """A database name that no other test uses."""
    return f"test_{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def redis_url(engines: EngineSet) -> str:
    """The server; each worker of pytest-xdist has a numbered database of its own (channels are shared by all)."""
    url = urlsplit(engines.environment("redis")["TASKFLOW_REDIS_URL"])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return urlunsplit(url._replace(path=f"/{worker}"))


@pytest.fixture(scope="session")
def kafka_bootstrap(engines: EngineSet) -> str:
    """The broker; topics are shared by the whole run, so give yours a name of their own."""
    return engines.environment("kafka")["TASKFLOW_KAFKA_BOOTSTRAP"]


@pytest.fixture(scope="session")
def temporal_address(engines: EngineSet) -> str:
    """The server, namespace `default`; use a task queue of your own."""
    return engines.environment("temporal")["TASKFLOW_TEMPORAL_ADDRESS"]


@pytest.fixture(scope="session")
def temporal_time_skipping() -> str:
    """For `WorkflowEnvironment.start_time_skipping(test_server_existing_path=...)`."""
    return str(temporal_test_server.provision(cache_folder(), say))


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A mail server of this process with what it received."""
    with SmtpSink() as sink:
        yield sink


def _engine_set(config: pytest.Config) -> EngineSet:
    if RUN_FOLDER not in os.environ:
        return _own_run(config).engines
    run = config.stash.get(RUN, None)
    return (
        run.engines if run is not None else EngineSet(state_folder() / "test" / os.environ[RUN_FOLDER], cache_folder())
    )


def _own_run(config: pytest.Config) -> OwnedRun:
    sweep(state_folder() / "test")
    name = f"{os.getpid()}-{secrets.token_hex(3)}"
    run = open_run(state_folder() / "test" / name, keep=False)
    config.stash[RUN] = run
    os.environ[RUN_FOLDER] = name
    return run
