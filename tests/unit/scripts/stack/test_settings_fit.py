"""What a start hands to each process is accepted by its settings class, and nothing required is left out."""

from importlib import import_module
from pathlib import Path

import pytest

from kit.settings import Settings
from scripts.engines.places import CHECKOUT
from scripts.stack.keys import load_or_make
from scripts.stack.processes import ROLES, Instance, addresses, instances, settings_of

CLASSES = {
    "gateway": "gateway.settings:GatewaySettings",
    "router": "gateway.live.router:RouterSettings",
    "auth": "subgraphs.auth.settings:AuthSettings",
    "task": "subgraphs.task.settings:TaskSettings",
    "notification": "subgraphs.notification.settings:NotificationSettings",
    "worker": "workflows.settings:WorkerSettings",
}
ENGINES = {
    "TASKFLOW_HOST": "127.0.0.1",
    "TASKFLOW_PUBLIC_URL": "http://127.0.0.1:8400",
    "TASKFLOW_POSTGRES_URL": "postgresql://taskflow_app:x@127.0.0.1:1/task",
    "TASKFLOW_POSTGRES_OWNER_URL": "postgresql://taskflow_owner:x@127.0.0.1:1/task",
    "TASKFLOW_MONGO_URL": "mongodb://127.0.0.1:1/?directConnection=true",
    "TASKFLOW_REDIS_URL": "redis://127.0.0.1:1/0",
    "TASKFLOW_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "TASKFLOW_TEMPORAL_ADDRESS": "127.0.0.1:1",
    "TASKFLOW_SMTP_URL": "smtp://127.0.0.1:1",
}
HERE = [role for role in ROLES if (CHECKOUT / CLASSES[role].partition(":")[0].split(".")[0]).is_dir()]


@pytest.mark.parametrize("role", HERE)
def test_the_settings_of_a_start_are_accepted(role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = instances(1)
    ports = {name: 20_000 + n for n, name in enumerate(name for one in everyone for name in one.port_names)}
    shared = {**ENGINES, **addresses(everyone, ports)}
    given = settings_of(Instance(ROLES[role], 1), ports, shared, load_or_make(tmp_path))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    module, _, name = CLASSES[role].partition(":")
    settings: Settings = getattr(import_module(module), name)()
    assert settings.port == ports[f"{role}-1"]
