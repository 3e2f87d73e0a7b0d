"""Today's workflow code makes the same decisions as the code that wrote these histories: what runs goes on running.

A history is added, never replaced, when the workflow learns something new
(`TASKFLOW_RECORD_HISTORIES=1 pytest tests/integration/workflows/sla` writes those of its tests).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workflows.sla.types import SlaStart
from workflows.sla.workflow import TaskSlaWorkflow

HISTORIES = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "histories").glob("*.json"))}


@workflow.defn(name="TaskSla")
class ForgetfulWorkflow:
    """What a careless change would look like: it does not sleep."""

    @workflow.run
    async def run(self, start: SlaStart) -> None:
        return


def test_there_are_histories() -> None:
    assert len(HISTORIES) >= 6


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_stored_history_replays(name: str) -> None:
    history = WorkflowHistory.from_json(name, HISTORIES[name])
    await Replayer(workflows=[TaskSlaWorkflow]).replay_workflow(history)


async def test_a_careless_change_is_noticed() -> None:
    history = WorkflowHistory.from_json("x", HISTORIES["completed_in_time"])
    with pytest.raises(workflow.NondeterminismError):
        await Replayer(workflows=[ForgetfulWorkflow]).replay_workflow(history)
