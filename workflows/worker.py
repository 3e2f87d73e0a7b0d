"""Owns the worker process: runs workflows and activities, and feeds them from Kafka. It keeps no state of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from kit.clock import SystemClock
from kit.identity import InternalTokens
from kit.kafka import Consumer, ConsumerOptions, DeliveryOptions, publisher
from kit.lifecycle import Process
from kit.rpc import ChannelOptions, channel
from proto.auth.v1.auth_pb2_grpc import InvitationServiceStub
from proto.events import SystemAlert
from proto.task.v1.task_pb2_grpc import TaskServiceStub
from workflows.feeder import GROUP, SlaFeeder
from workflows.invitations import ids as invitation_ids
from workflows.invitations.activities import InvitationActivities
from workflows.invitations.feeder import InvitationFeeder
from workflows.invitations.workflow import InvitationWorkflow
from workflows.recurrence import ids as recurrence_ids
from workflows.recurrence.activities import RecurrenceActivities
from workflows.recurrence.alarms import TemporalAlarms
from workflows.recurrence.feeder import RecurrenceFeeder
from workflows.recurrence.workflow import RecurrenceAlarmWorkflow, RecurrenceWorkflow
from workflows.settings import WorkerSettings
from workflows.sla.activities import SOURCE, SlaActivities
from workflows.sla.clocks import TemporalClocks
from workflows.sla.ids import TASK_QUEUE
from workflows.sla.policies import PolicyFeeder
from workflows.sla.policy_activities import PolicyActivities
from workflows.sla.rollout import SlaPolicyWorkflow
from workflows.sla.workflow import TaskSlaWorkflow

_DRAIN = timedelta(seconds=8)

# Temporal is waited for as long as it takes: a dead letter would cost a task its deadline.
_FEEDING = ConsumerOptions(delivery=DeliveryOptions(outage_seconds=None))


@asynccontextmanager
async def temporal_client(address: str, namespace: str) -> AsyncIterator[Client]:
    """A connected client. Raises `ConnectionError` when nobody answers."""
    try:
        client = await Client.connect(address, namespace=namespace, identity=SOURCE)
    except (RPCError, RuntimeError) as error:
        raise ConnectionError(f"{address}: {error}".splitlines()[0]) from error
    yield client


@asynccontextmanager
async def sla_worker(client: Client, activities: SlaActivities, policies: PolicyActivities) -> AsyncIterator[Worker]:
    """A running worker; on leaving it takes no new work and lets activities end."""
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[TaskSlaWorkflow, SlaPolicyWorkflow],
        activities=[activities.give_alert, activities.read_clock, activities.read_terms, policies.tell_clocks],
        # A sandbox costs 5 ms of each start; the tests and the replays of histories run in one.
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=_DRAIN,
        max_concurrent_activities=50,
    )
    async with worker:
        yield worker


@asynccontextmanager
async def invitation_worker(client: Client, activities: InvitationActivities) -> AsyncIterator[Worker]:
    """A running worker of invitations; on leaving it takes no new work and lets activities end."""
    worker = Worker(
        client,
        task_queue=invitation_ids.TASK_QUEUE,
        workflows=[InvitationWorkflow],
        activities=[activities.remind, activities.expire],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=_DRAIN,
        max_concurrent_activities=20,
    )
    async with worker:
        yield worker


@asynccontextmanager
async def recurrence_worker(
    client: Client, activities: RecurrenceActivities, task_queue: str = recurrence_ids.TASK_QUEUE
) -> AsyncIterator[Worker]:
    """A running worker of its own, so that no catching up delays an alert."""
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[RecurrenceWorkflow, RecurrenceAlarmWorkflow],
        activities=[
            activities.settle_series,
            activities.create_due,
            activities.set_alarms,
            activities.wake_series,
        ],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=_DRAIN,
        max_concurrent_activities=20,
    )
    async with worker:
        yield worker


async def start(process: Process, settings: WorkerSettings) -> None:
    """Opens the parts of the worker process."""
    client = await process.enter(
        "temporal", lambda: temporal_client(settings.temporal_address, settings.temporal_namespace)
    )
    sender = await process.enter(
        "publisher", lambda: publisher(settings.kafka_bootstrap, [SystemAlert.TOPIC], "worker")
    )
    tokens = InternalTokens(settings.internal_signing_key, SOURCE)
    options = ChannelOptions(repeatable=("GetTaskClock", "ListTaskClocks", "SettleRecurrence"))
    tasks = await process.enter("task", lambda: channel("task", settings.task_grpc, tokens, options))
    activities = SlaActivities(tasks.stub(TaskServiceStub), sender, SystemClock())
    policies = PolicyActivities(tasks.stub(TaskServiceStub), TemporalClocks(client), SystemClock())
    await process.enter("worker", lambda: sla_worker(client, activities, policies))
    again = ChannelOptions(repeatable=("Remind", "Expire"))
    auth = await process.enter("auth", lambda: channel("auth", settings.auth_grpc, tokens, again))
    invitations = InvitationActivities(auth.stub(InvitationServiceStub))
    await process.enter("invitations", lambda: invitation_worker(client, invitations))
    alarms = TemporalAlarms(client)
    recurrences = RecurrenceActivities(tasks.stub(TaskServiceStub), alarms)
    await process.enter("recurrences", lambda: recurrence_worker(client, recurrences))
    handlers = {
        **SlaFeeder(client).handlers(),
        **PolicyFeeder(client).handlers(),
        **InvitationFeeder(client).handlers(),
        **RecurrenceFeeder(alarms).handlers(),
    }
    consumer = Consumer(settings.kafka_bootstrap, GROUP, handlers, sender, options=_FEEDING)
    await process.spawn("feeder", consumer.run)
    process.health.add("temporal", partial(_answers, client))


async def _answers(client: Client) -> None:
    if not await asyncio.wait_for(client.service_client.check_health(), 1.0):
        raise ConnectionError("Temporal is not serving")
