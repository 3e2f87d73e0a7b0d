"""How the answer of a mutation is kept and read again. Invariant: what is read equals what was kept."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from kit.errors import DomainError, Kind
from subgraphs.task.domain.comments import Comment
from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.recurrences import Series
from subgraphs.task.domain.sla import Policy
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.bulk import BulkResult

_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (Task, Project, Comment, Label, Series, Policy)
}
_TASK = _ADAPTERS["Task"]


def keep(answer: object) -> str:
    """The answer as JSON. Raises TypeError for what no mutation answers."""
    if isinstance(answer, list):
        return orjson.dumps({"kind": "BulkResult", "value": [_result(one) for one in answer]}).decode()
    name = type(answer).__name__
    if name not in _ADAPTERS:
        raise TypeError(f"no mutation answers a {name}")
    return orjson.dumps({"kind": name, "value": _ADAPTERS[name].dump_python(answer, mode="json")}).decode()


def read(text: str) -> object:
    """The answer that was kept."""
    kept = orjson.loads(text)
    if kept["kind"] == "BulkResult":
        return [_read_result(one) for one in kept["value"]]
    return _ADAPTERS[kept["kind"]].validate_json(orjson.dumps(kept["value"]))


def _result(result: BulkResult) -> dict[str, Any]:
    error = result.error
    return {
        "taskId": str(result.task_id),
        "task": None if result.task is None else _TASK.dump_python(result.task, mode="json"),
        "error": None if error is None else [error.kind, error.code, error.message, error.json_fields()],
    }


def _read_result(kept: Mapping[str, Any]) -> BulkResult:
    error = kept["error"]
    return BulkResult(
        task_id=UUID(kept["taskId"]),
        task=None if kept["task"] is None else _TASK.validate_json(orjson.dumps(kept["task"])),
        error=None if error is None else DomainError(Kind(error[0]), error[1], error[2], **error[3]),
    )
