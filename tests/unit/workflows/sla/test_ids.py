"""Alerts are found again by workflow, run and step."""

from __future__ import annotations

from datetime import UTC, datetime

from workflows.sla.ids import alert_id, workflow_id
from workflows.sla.types import Alert

DUE = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_workflow_is_named_after_workspace_and_task() -> None:
    assert workflow_id("w", "t") == "sla/w/t"


def test_an_alert_repeats_its_id_and_shares_it_with_no_other() -> None:
    one = alert_id("sla/w/t", "r", Alert.REMINDER, DUE)
    assert one == alert_id("sla/w/t", "r", Alert.REMINDER, DUE)
    others = {
        alert_id("sla/w/u", "r", Alert.REMINDER, DUE),
        alert_id("sla/w/t", "s", Alert.REMINDER, DUE),
        alert_id("sla/w/t", "r", Alert.ESCALATION, DUE),
        alert_id("sla/w/t", "r", Alert.REMINDER, DUE.replace(year=2027)),
    }
    assert len(others | {one}) == 5
