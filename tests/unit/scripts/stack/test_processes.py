"""Each process gets exactly the settings of its role."""

from pathlib import Path

import pytest

from scripts.stack.keys import SIGNERS, load_or_make
from scripts.stack.processes import ENGINE_SETTINGS, ROLES, Instance, addresses, instances, settings_of

ENGINES = {name: f"value of {name}" for names in ENGINE_SETTINGS.values() for name in names}
EVERYONE = instances(2)
PORTS = {name: 20_000 + n for n, name in enumerate(name for one in EVERYONE for name in one.port_names)}
SHARED = {"TASKFLOW_HOST": "127.0.0.1", **ENGINES, **addresses(EVERYONE, PORTS)}


def settings(role: str, folder: Path, number: int = 1) -> dict[str, str]:
    return settings_of(Instance(ROLES[role], number), PORTS, SHARED, load_or_make(folder))


def test_the_gateway_finds_every_replica_of_every_subgraph(tmp_path: Path) -> None:
    urls = settings("gateway", tmp_path)["TASKFLOW_TASK_URLS"]
    assert urls == f"http://127.0.0.1:{PORTS['task-1']}/graphql,http://127.0.0.1:{PORTS['task-2']}/graphql"


def test_the_worker_finds_every_replica_over_grpc(tmp_path: Path) -> None:
    assert settings("worker", tmp_path)["TASKFLOW_TASK_GRPC"].split(",") == [
        f"127.0.0.1:{PORTS['task-1.grpc']}",
        f"127.0.0.1:{PORTS['task-2.grpc']}",
    ]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "auth"])
def test_only_auth_holds_the_key_of_access_tokens(role: str, tmp_path: Path) -> None:
    assert "TASKFLOW_ACCESS_SIGNING_KEY" not in settings(role, tmp_path)
    assert settings("auth", tmp_path)["TASKFLOW_ACCESS_SIGNING_KEY"].startswith("-----BEGIN PRIVATE KEY-----")


@pytest.mark.parametrize("role", list(ROLES))
def test_a_process_knows_only_the_engines_of_its_role(role: str, tmp_path: Path) -> None:
    mine = {name for engine in ROLES[role].engines for name in ENGINE_SETTINGS[engine]}
    assert set(settings(role, tmp_path)) & set(ENGINES) == mine


def test_every_signing_key_is_trusted_by_those_who_verify(tmp_path: Path) -> None:
    trusted = settings("task", tmp_path)["TASKFLOW_INTERNAL_TRUSTED_KEYS"].split(",")
    assert len(set(trusted)) == len(SIGNERS)
    assert {role.name for role in ROLES.values() if role.signs} <= set(SIGNERS)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    assert load_or_make(tmp_path) == load_or_make(tmp_path)
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_replicas_have_ports_of_their_own(tmp_path: Path) -> None:
    assert settings("task", tmp_path, 1)["TASKFLOW_PORT"] != settings("task", tmp_path, 2)["TASKFLOW_PORT"]
    assert settings("gateway", tmp_path, 2)["TASKFLOW_POD_ID"] == "gateway-2"
