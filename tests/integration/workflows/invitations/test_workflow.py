"""The life of an invitation over days that take milliseconds: reminded on the tenth, over on the fourteenth."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from kit.errors import DomainError, Kind, unavailable
from kit.kafka import Envelope
from proto.auth.v1.auth_pb2 import InvitationRound, InvitationStanding
from proto.events import UserInvited
from tests.testkit.conditions import eventually
from workflows.invitations.activities import InvitationActivities
from workflows.invitations.feeder import InvitationFeeder
from workflows.invitations.ids import SENT, workflow_id
from workflows.invitations.types import InvitationStart, Sending
from workflows.invitations.workflow import InvitationWorkflow

# One server for all tests of this module: it takes longer to start than what they do.
pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = timedelta(days=1)
LIFE = 14 * DAY


@dataclass
class Invitation:
    """An invitation as its owner knows it."""

    expires_at: datetime
    round: int = 1
    open: bool = True
    id: str = field(default_factory=lambda: str(uuid4()))
    workspace_id: str = field(default_factory=lambda: str(uuid4()))


@dataclass
class Owner:
    """Answers for auth: does each thing once per round, and fails first as often as told."""

    environment: WorkflowEnvironment
    invitations: dict[str, Invitation] = field(default_factory=dict)
    done: list[tuple[str, str, int]] = field(default_factory=list)
    failures: int = 0

    async def Remind(self, request: InvitationRound, /) -> InvitationStanding:
        return await self._answer("reminded", request)

    async def Expire(self, request: InvitationRound, /) -> InvitationStanding:
        return await self._answer("expired", request)

    async def _answer(self, what: str, request: InvitationRound) -> InvitationStanding:
        if self.failures:
            self.failures -= 1
            raise unavailable("auth is away")
        known = self.invitations.get(request.invitation_id)
        if known is None:
            raise DomainError.of("NOT_FOUND", "There is no such invitation.")
        deed = (what, known.id, request.round)
        if known.open and known.round == request.round and deed not in self.done:
            self.done.append(deed)
            known.open = what == "reminded"
        stamp = Timestamp()
        stamp.FromDatetime(known.expires_at)
        return InvitationStanding(open=known.open, round=known.round, expires_at=stamp)

    def deeds(self, invitation: Invitation) -> list[tuple[str, int]]:
        return [(what, number) for what, known, number in self.done if known == invitation.id]


@dataclass
class Bench:
    """Everything a test of the workflow needs."""

    client: Client
    owner: Owner
    queue: str
    environment: WorkflowEnvironment

    async def invited(self) -> tuple[Invitation, WorkflowHandle[Any, None]]:
        now = await self.environment.get_current_time()
        invitation = Invitation(expires_at=now + LIFE)
        self.owner.invitations[invitation.id] = invitation
        return invitation, await self.told(invitation)

    async def told(self, invitation: Invitation, number: int | None = None) -> WorkflowHandle[Any, None]:
        """Starts or signals the workflow, as the feeder does."""
        return await self.client.start_workflow(
            InvitationWorkflow.run,
            InvitationStart(invitation_id=invitation.id, workspace_id=invitation.workspace_id),
            id=workflow_id(invitation.workspace_id, invitation.id),
            task_queue=self.queue,
            start_signal=SENT,
            start_signal_args=[Sending(number or invitation.round, invitation.expires_at)],
        )

    async def skip(self, time: timedelta) -> None:
        await self.environment.sleep(time)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(temporal_time_skipping: str) -> AsyncIterator[Bench]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=temporal_time_skipping
    ) as environment:
        owner, queue = Owner(environment), f"invitations-{secrets.token_hex(4)}"
        activities = InvitationActivities(owner)
        async with Worker(
            environment.client,
            task_queue=queue,
            workflows=[InvitationWorkflow],
            activities=[activities.remind, activities.expire],
        ):
            yield Bench(environment.client, owner, queue, environment)


async def test_who_does_not_answer_is_reminded_on_the_tenth_day_and_too_late_on_the_fourteenth(bench: Bench) -> None:
    invitation, handle = await bench.invited()
    await bench.skip(10 * DAY - timedelta(hours=1))
    assert bench.owner.deeds(invitation) == []
    await bench.skip(timedelta(hours=2))
    await eventually(lambda: bench.owner.deeds(invitation) == [("reminded", 1)])
    await bench.skip(4 * DAY)
    await handle.result()
    assert bench.owner.deeds(invitation) == [("reminded", 1), ("expired", 1)]


async def test_who_has_answered_hears_nothing_more(bench: Bench) -> None:
    invitation, handle = await bench.invited()
    invitation.open = False
    await handle.result()
    assert bench.owner.deeds(invitation) == []


async def test_sending_again_begins_a_new_life_and_old_news_changes_nothing(bench: Bench) -> None:
    invitation, handle = await bench.invited()
    await bench.skip(11 * DAY)
    await eventually(lambda: bench.owner.deeds(invitation) == [("reminded", 1)])
    invitation.round, invitation.expires_at = 2, await bench.environment.get_current_time() + LIFE
    for number in (2, 1, 2):
        await bench.told(invitation, number)
    await bench.skip(9 * DAY)
    assert bench.owner.deeds(invitation) == [("reminded", 1)]
    await handle.result()
    assert bench.owner.deeds(invitation) == [("reminded", 1), ("reminded", 2), ("expired", 2)]


async def test_a_round_that_it_was_never_told_of_is_learnt_from_the_owner(bench: Bench) -> None:
    invitation, handle = await bench.invited()
    invitation.round, invitation.expires_at = 2, invitation.expires_at + 6 * DAY
    await handle.result()
    assert bench.owner.deeds(invitation) == [("reminded", 2), ("expired", 2)]


async def test_while_auth_is_away_both_wait_for_it(bench: Bench) -> None:
    invitation, handle = await bench.invited()
    bench.owner.failures = 4
    await handle.result()
    assert bench.owner.deeds(invitation) == [("reminded", 1), ("expired", 1)]


async def test_an_invitation_that_never_was_ends_it(bench: Bench) -> None:
    never = Invitation(expires_at=await bench.environment.get_current_time() + LIFE)
    await (await bench.told(never)).result()
    assert bench.owner.deeds(never) == []


async def test_the_end_is_asked_for_again_while_the_owners_clock_is_behind(bench: Bench) -> None:
    activities = InvitationActivities(bench.owner)
    invitation = Invitation(expires_at=datetime.now(UTC) + LIFE)
    bench.owner.invitations[invitation.id] = invitation
    bench.owner.done.append(("expired", invitation.id, 1))  # the owner does not do it, and says that it is open
    with pytest.raises(DomainError) as refused:
        await activities.expire(invitation.id, 1)
    assert refused.value.kind is Kind.UNAVAILABLE


def invited(number: int = 1, **other: Any) -> Envelope:
    told = UserInvited(
        **{
            "invitation_id": uuid4(),
            "workspace_id": uuid4(),
            "workspace_name": "Engines",
            "email": "bob@example.com",
            "role": "member",
            "inviter_id": uuid4(),
            "inviter_name": "Ada",
            "token": "secret",
            "expires_at": datetime.now(UTC) + LIFE,
            "round": number,
            **other,
        }
    )
    return Envelope.of(
        told, source="auth", subject=told.invitation_id, tenant=told.workspace_id, time=datetime.now(UTC)
    )


async def test_however_often_it_is_told_an_invitation_has_one_workflow(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    event = invited()
    told = event.payload(UserInvited)
    for number in (1, 1, 2):
        again = told.model_copy(update={"round": number})
        await InvitationFeeder(client).handlers()[UserInvited.TOPIC](
            Envelope.of(again, source="auth", subject=event.subject, tenant=event.tenant, time=event.time)
        )
    handle = client.get_workflow_handle(workflow_id(told.workspace_id, told.invitation_id))
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    history = await handle.fetch_history()
    signals = sum(item.HasField("workflow_execution_signaled_event_attributes") for item in history.events)
    assert signals == 3
