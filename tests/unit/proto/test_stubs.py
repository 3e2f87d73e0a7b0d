"""The committed stubs are what the .proto files say, and the package loaded is ours."""

from __future__ import annotations

import subprocess
from pathlib import Path

import proto
from proto.auth.v1 import auth_pb2
from proto.task.v1 import task_pb2

ROOT = Path(__file__).parents[3]


def test_the_package_named_proto_is_ours() -> None:
    assert proto.__file__ is not None
    assert Path(proto.__file__).parent == ROOT / "proto"


def test_committed_stubs_equal_a_fresh_generation(tmp_path: Path) -> None:
    subprocess.run([ROOT / "scripts" / "proto", str(tmp_path)], check=True)
    fresh = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*_pb2*")}
    stubs = [path for path in (ROOT / "proto").rglob("*_pb2*") if path.suffix in {".py", ".pyi"}]
    committed = {path.relative_to(ROOT): path.read_text() for path in stubs}
    assert committed == fresh
    assert len(fresh) == 8


def test_services_have_the_agreed_names() -> None:
    auth = auth_pb2.DESCRIPTOR.services_by_name["AuthService"]
    task = task_pb2.DESCRIPTOR.services_by_name["TaskService"]
    assert auth.full_name == "taskflow.auth.v1.AuthService"
    assert task.full_name == "taskflow.task.v1.TaskService"
    assert [method.name for method in task.methods] == [
        "CreateTask",
        "GetTaskClock",
        "ListTaskClocks",
        "SettleRecurrence",
    ]
