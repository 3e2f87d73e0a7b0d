"""Reads the state after a fault run: what the stores hold, and what the people concerned can see."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from temporalio.client import Client as TemporalClient

from scripts.clients.api import Account
from tests.fault.checker import Effect, Observed, StoredTask

GROUPS = ("task", "notification", "worker", "router")
CREATED = "task.created"
INBOX = """query ($after: String) { me { notifications(first: 100, after: $after) {
  nodes { id category createdAt task { id } } pageInfo { hasNextPage endCursor } } } }"""
TITLE = re.compile(r"\bclient\d+-\d+\b")
OVERDUE, DUE = "is overdue", "is due"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the stores and the mail page are, and which workspace the run is about."""

    postgres: str
    kafka: str
    temporal: str
    mail: str
    workspace: str


async def observe(places: Places, people: dict[str, Account], seen_live: Iterable[str]) -> Observed:
    """The whole state. `people` by the name that the checker knows them by."""
    tasks, unsent = await _tasks(places)
    return Observed(
        tasks=tasks,
        workflows=await _workflows(places),
        created_events=await _created_events(places),
        inbox=[effect for name, account in people.items() for effect in await _inbox(name, account)],
        mails=await _mails(places, people, {task.title: task.task_id for task in tasks}),
        seen_live=frozenset(seen_live),
        unsent=unsent,
        lags={group: await _lag(places.kafka, group) for group in GROUPS},
    )


async def _tasks(places: Places) -> tuple[list[StoredTask], int]:
    connection = await asyncpg.connect(places.postgres)
    try:
        await connection.execute("SELECT set_config('taskflow.workspaces', $1, false)", f"{{{places.workspace}}}")
        rows = await connection.fetch(
            """SELECT t.id, t.title, t.due_at,
                 (SELECT count(*) FROM task_activity a WHERE a.task_id = t.id AND a.kind = 'CREATED') AS history
               FROM tasks t"""
        )
        unsent = await connection.fetchval("SELECT count(*) FROM outbox")
    finally:
        await connection.close()
    return [StoredTask(str(row["id"]), row["title"], row["due_at"], row["history"]) for row in rows], unsent


async def _workflows(places: Places) -> Counter[str]:
    client = await TemporalClient.connect(places.temporal)
    found: Counter[str] = Counter()
    async for execution in client.list_workflows():
        kind, _, rest = execution.id.partition("/")
        workspace, _, task = rest.partition("/")
        if kind == "sla" and workspace == places.workspace:
            found[task] += 1
    return found


async def _created_events(places: Places) -> dict[str, list[str]]:
    events: dict[str, list[str]] = {}
    consumer = AIOKafkaConsumer(CREATED, bootstrap_servers=places.kafka, auto_offset_reset="earliest")
    try:
        await consumer.start()
        partitions = list(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    headers = {name: value.decode() for name, value in record.headers}
                    if headers.get("ce_tenant") == places.workspace:
                        events.setdefault(record.key.decode(), []).append(headers["ce_id"])
    finally:
        await consumer.stop()
    return events


async def _inbox(name: str, account: Account) -> list[Effect]:
    effects: list[Effect] = []
    after: str | None = None
    while True:
        page = (await account.call(INBOX, {"after": after}))["me"]["notifications"]
        effects += [_effect(name, node) for node in page["nodes"] if node["task"]]
        if not page["pageInfo"]["hasNextPage"]:
            return effects
        after = page["pageInfo"]["endCursor"]


def _effect(name: str, node: dict[str, Any]) -> Effect:
    at = datetime.fromisoformat(node["createdAt"])
    return Effect(node["task"]["id"], node["category"], name, node["id"], at)


async def _mails(places: Places, people: dict[str, Account], ids: dict[str, str]) -> list[Effect]:
    names = {account.email: name for name, account in people.items()}
    async with aiohttp.ClientSession() as http, http.get(places.mail + "/api/messages") as response:
        messages = await response.json()
    effects: list[Effect] = []
    for message in messages:
        category = _mail_category(message["subject"])
        title = TITLE.search(message["text"])
        if category is not None and title is not None and message["to"] in names:
            task = ids.get(title.group(), title.group())
            at = datetime.min  # noqa: DTZ901 (a mail's time is not checked)
            effects.append(Effect(task, category, names[message["to"]], message["messageId"], at))
    return effects


def _mail_category(subject: str) -> str | None:
    if OVERDUE in subject:
        return "sla.escalation"
    return "sla.reminder" if DUE in subject else None


async def _lag(kafka: str, group: str) -> int:
    """Records between what the group committed and the ends of its topics; dead letters are no topic of the group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    try:
        await admin.start()
        await consumer.start()
        committed = await admin.list_consumer_group_offsets(group)
        ends = await asyncio.wait_for(consumer.end_offsets(list(committed)), 10) if committed else {}
    finally:
        await consumer.stop()
        await admin.close()
    return sum(max(0, ends[partition] - position.offset) for partition, position in committed.items())
