from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fault.checker import Effect, Expected, Observed, StoredTask, check
from tests.fault.history import Creation, Outcome, Recorder, read

DUE = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = DUE + timedelta(seconds=1)
EXPECTED = Expected(inbox=frozenset({("sla.escalation", "ada")}), mails=frozenset({("sla.escalation", "ada")}))
TASK = StoredTask("t1", "one", DUE, history=1)
ESCALATION = Effect("t1", "sla.escalation", "ada", "n1", LATER)
GOOD = Observed(
    tasks=[TASK],
    workflows={"t1": 1},
    created_events={"t1": ["e1", "e1"]},
    inbox=[ESCALATION],
    mails=[ESCALATION, ESCALATION],
    seen_live=frozenset({"t1"}),
    lags={"worker": 0},
)
ACKNOWLEDGED = Creation("one", "c1", DUE, Outcome.OK, "t1")


def violations(observed: Observed = GOOD, *history: Creation) -> list[str]:
    return check(history or (ACKNOWLEDGED,), observed, EXPECTED)


def test_a_repeated_send_of_the_same_event_and_mail_is_no_violation() -> None:
    assert violations() == []


@pytest.mark.parametrize("outcome", [Outcome.INFO, Outcome.OK])
def test_an_unacknowledged_task_may_exist_if_it_exists_wholly(outcome: Outcome) -> None:
    assert violations(GOOD, dataclasses.replace(ACKNOWLEDGED, outcome=outcome)) == []


def test_an_unknown_outcome_may_also_leave_nothing() -> None:
    nothing = Observed([], {}, {}, [], [], frozenset())
    assert violations(nothing, dataclasses.replace(ACKNOWLEDGED, outcome=Outcome.INFO, task_id=None)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tasks": [], "workflows": {}, "created_events": {}, "inbox": [], "mails": []}, "acknowledged as t1 and lost"),
        ({"seen_live": frozenset()}, "never seen live"),
        ({"tasks": [TASK, dataclasses.replace(TASK, task_id="t2")]}, "exists 2 times"),
        ({"tasks": [dataclasses.replace(TASK, history=0)]}, "0 history rows"),
        ({"unsent": 2}, "2 events were never sent"),
        ({"workflows": {}}, "0 workflows"),
        ({"workflows": {"t1": 2}}, "2 workflows"),
        ({"workflows": {"t1": 1, "t9": 1}}, "workflow of task t9"),
        ({"created_events": {}}, "0 task.created events"),
        ({"created_events": {"t1": ["e1", "e2"]}}, "2 task.created events"),
        ({"inbox": []}, "0 inbox records"),
        ({"inbox": [ESCALATION, dataclasses.replace(ESCALATION, identity="n2")]}, "2 inbox records"),
        ({"mails": []}, "0 mails"),
        ({"mails": [ESCALATION, dataclasses.replace(ESCALATION, identity="n2")]}, "2 mails"),
        ({"inbox": [ESCALATION, dataclasses.replace(ESCALATION, recipient="bob")]}, "that nobody expects"),
        ({"inbox": [dataclasses.replace(ESCALATION, at=DUE - timedelta(seconds=1))]}, "before its deadline"),
        ({"lags": {"worker": 3}}, "worker still lags by 3"),
    ],
)
def test_each_fault_is_found(change: dict[str, object], said: str) -> None:
    found = violations(dataclasses.replace(GOOD, **change))  # type: ignore[arg-type]  # one field each
    assert any(said in violation for violation in found), found


def test_a_refused_creation_that_exists_is_found() -> None:
    assert any("refused" in v for v in violations(GOOD, dataclasses.replace(ACKNOWLEDGED, outcome=Outcome.FAIL)))


def test_a_task_that_nobody_asked_for_is_found() -> None:
    assert any("nobody asked" in v for v in violations(GOOD, dataclasses.replace(ACKNOWLEDGED, title="other")))


def test_a_history_is_read_back_with_open_calls_as_unknown(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.jsonl")
    recorder.invoke("one", "c1", DUE)
    recorder.invoke("two", "c2", DUE)
    recorder.end("one", Outcome.OK, "t1")
    recorder.close()
    with (tmp_path / "history.jsonl").open("rb") as lines:
        assert read(lines) == [ACKNOWLEDGED, Creation("two", "c2", DUE, Outcome.INFO)]


def test_an_end_without_an_invocation_is_refused() -> None:
    with pytest.raises(ValueError, match="without an invocation"):
        read([b'{"event": "end", "title": "x", "outcome": "ok", "taskId": "t", "error": null}'])
