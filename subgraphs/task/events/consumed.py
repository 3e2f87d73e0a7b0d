"""Which events are taken over, as the group `task`. Invariant: each is applied at most once, never an older version."""

from collections.abc import Mapping
from uuid import UUID

from kit.kafka import Envelope
from kit.kafka.delivery import Handler
from proto.events import SystemAlert, UserRegistered, UserUpdated, WorkspaceMemberChanged
from proto.events.entities import UserEntity
from proto.permissions import Role
from subgraphs.task.domain.memberships import Membership
from subgraphs.task.domain.profiles import Profile
from subgraphs.task.domain.sla_clock import Alert, SlaEventKind
from subgraphs.task.service.memberships import Memberships
from subgraphs.task.service.profiles import Profiles
from subgraphs.task.service.sla import Sla


def handlers(profiles: Profiles, memberships: Memberships, sla: Sla) -> Mapping[str, Handler]:
    """The use case of each topic."""

    async def registered(event: Envelope) -> None:
        await profiles.apply(event.id, _profile(event.payload(UserRegistered).user))

    async def updated(event: Envelope) -> None:
        await profiles.apply(event.id, _profile(event.payload(UserUpdated).user))

    async def member_changed(event: Envelope) -> None:
        await memberships.apply(event.id, _membership(event.payload(WorkspaceMemberChanged)))

    async def alerted(event: Envelope) -> None:
        told = event.payload(SystemAlert)
        await sla.record(event.id, told.workspace_id, told.task_id, _alert(event.id, told))

    return {
        SystemAlert.TOPIC: alerted,
        UserRegistered.TOPIC: registered,
        UserUpdated.TOPIC: updated,
        WorkspaceMemberChanged.TOPIC: member_changed,
    }


def _profile(user: UserEntity) -> Profile:
    return Profile(
        id=user.id,
        email=user.email,
        display_name=user.display_name,
        avatar_url=user.avatar_url,
        locale=user.locale,
        time_zone=user.time_zone,
        version=user.version,
    )


def _alert(event_id: UUID, told: SystemAlert) -> Alert:
    return Alert(
        id=event_id,
        kind=SlaEventKind.REMINDED if told.kind == "sla.reminder" else SlaEventKind.ESCALATED,
        due_at=told.due_at,
        at=told.fired_at,
        late=told.late,
        recipient_ids=told.recipient_ids,
    )


def _membership(changed: WorkspaceMemberChanged) -> Membership:
    return Membership(
        workspace_id=changed.workspace_id,
        user_id=changed.user_id,
        role=None if changed.role is None else Role.parse(changed.role),
        version=changed.version,
        permissions=frozenset(changed.permissions),
        workspace_name=changed.workspace_name,
    )
