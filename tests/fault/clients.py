"""Clients of a fault run: they create tasks at a steady pace, and only ever report what they saw."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scripts.clients.api import Account, Refused, Unanswered
from tests.fault.history import Outcome, Recorder

CREATE = """mutation ($input: TaskCreateInput!) { taskCreate(input: $input) { task { id } } }"""


@dataclass(frozen=True, slots=True)
class Creator:
    """Creates tasks one after another at a steady pace, whatever the answers are."""

    name: str
    account: Account
    recorder: Recorder
    project: str
    assignee: str
    due_in: timedelta

    async def create(self, count: int, every_seconds: float) -> None:
        """Makes `count` calls; each is recorded before it is made and when it ended."""
        began = asyncio.get_running_loop().time()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number * every_seconds - asyncio.get_running_loop().time()))
            await self._create_one(f"{self.name}-{number}")

    async def _create_one(self, title: str) -> None:
        due_at = datetime.now(UTC) + self.due_in
        given = {
            "projectId": self.project,
            "title": title,
            "assigneeIds": [self.assignee],
            "dueAt": due_at.isoformat(),
        }
        self.recorder.invoke(title, self.name, due_at)
        try:
            answer = await self.account.call(CREATE, {"input": given})
        except Unanswered as error:
            self.recorder.end(title, Outcome.INFO, error=str(error))
        except Refused as error:
            self.recorder.end(title, Outcome.FAIL, error=str(error))
        else:
            self.recorder.end(title, Outcome.OK, answer["taskCreate"]["task"]["id"])
