"""Owns the way from a series' events to its workflow: any change wakes it, and it asks the owner what holds now."""

from __future__ import annotations

from collections.abc import Mapping

from kit.kafka import Envelope, Handler
from proto.events import RecurrenceChanged
from workflows.recurrence.ports import Alarms
from workflows.recurrence.types import SeriesRef


class RecurrenceFeeder:
    """Repeated and late events find a workflow that has nothing left to do."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each topic."""
        return {RecurrenceChanged.TOPIC: self._changed}

    async def _changed(self, event: Envelope) -> None:
        changed = event.payload(RecurrenceChanged).recurrence
        await self._alarms.wake(SeriesRef(workspace_id=str(changed.workspace_id), series_id=str(changed.id)))
