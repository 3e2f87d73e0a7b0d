"""Events of auth become replicas; what cannot be read is refused with the reason."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from kit.errors import DomainError
from kit.ids import new_id
from kit.kafka import Envelope
from proto.events import SystemAlert, UserRegistered, UserUpdated, WorkspaceMemberChanged
from proto.events.entities import UserEntity
from proto.permissions import TABLE, Role
from subgraphs.task.domain.memberships import Rights
from subgraphs.task.domain.sla_clock import SlaEventKind
from subgraphs.task.events.consumed import handlers
from tests.unit.subgraphs.task.samples import NOW, a_membership
from tests.unit.subgraphs.task.world import World

USER = UserEntity(
    id=new_id(), email="ada@example.org", display_name="Ada", locale="en", time_zone="Europe/London", version=1
)


async def handled(world: World, topic: str, data: bytes) -> None:
    event = Envelope(id=new_id(), type=topic, source="auth", time=NOW, subject="k", tenant=None, data=data)
    await handlers(world.services.profiles, world.services.memberships, world.services.sla)[topic](event)


async def test_a_registration_and_an_update_keep_the_profile() -> None:
    world = World()
    await handled(world, "user-registered", UserRegistered(user=USER).encode())
    renamed = USER.model_copy(update={"display_name": "Ada Lovelace", "version": 2})
    await handled(world, "user.updated", UserUpdated(user=renamed).encode())
    await handled(world, "user-registered", UserRegistered(user=USER).encode())
    [profile] = world.store.state.profiles.values()
    assert (profile.display_name, profile.version, profile.time_zone) == ("Ada Lovelace", 2, "Europe/London")


async def test_a_membership_begins_changes_and_ends() -> None:
    world, bob = World(), new_id()
    world.directory.knows(a_membership(world.workspace_id, bob, version=0))
    project = await world.project(member_ids=[bob])
    seen: list[dict[Any, Rights]] = []
    for version, role in ((1, "member"), (2, "admin"), (3, None)):
        changed = WorkspaceMemberChanged(
            workspace_id=world.workspace_id,
            workspace_name="Acme",
            user_id=bob,
            role=role,
            version=version,
            actor_id=world.ada,
        )
        await handled(world, "workspace.member.changed", changed.encode())
        seen.append(await world.services.memberships.of_user(bob))
    assert seen == [{world.workspace_id: TABLE[Role.MEMBER]}, {world.workspace_id: TABLE[Role.ADMIN]}, {}]
    assert bob not in world.store.state.projects[project.id].member_ids


@pytest.mark.parametrize("topic", ["user-registered", "user.updated", "workspace.member.changed"])
@pytest.mark.parametrize("data", [b"not json", b"{}", orjson.dumps({"user": {"id": "x"}, "version": "y"})])
async def test_data_that_do_not_fit_are_refused_and_change_nothing(topic: str, data: bytes) -> None:
    world = World()
    with pytest.raises(DomainError) as refused:
        await handled(world, topic, data)
    assert refused.value.code == "EVENT_MALFORMED"
    assert world.store.state.inbox == {}


async def test_what_a_clock_told_is_kept_for_its_history() -> None:
    world = World()
    task = await world.task(due_at=NOW + timedelta(days=1))
    alert = SystemAlert(
        kind="sla.escalation",
        workspace_id=task.workspace_id,
        task_id=task.id,
        project_id=task.project.id,
        task_key=task.key,
        title=task.title,
        recipient_ids=(world.ada,),
        due_at=NOW + timedelta(days=1),
        fired_at=NOW,
        late=False,
        task_version=1,
    )
    await handled(world, "notification.system.alert", alert.encode())
    [(task_id, kept)] = world.store.state.sla.alerts.values()
    assert (task_id, kept.kind, kept.recipient_ids) == (task.id, SlaEventKind.ESCALATED, (world.ada,))
