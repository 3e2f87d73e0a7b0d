"""Reads what other services tell and calls the use case it is for. One handler per topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from kit.errors import DomainError
from kit.kafka import Envelope, Handler
from proto.events import (
    CommentAdded,
    CommentEntity,
    CommentUpdated,
    EmailVerificationRequested,
    InvitationReminded,
    PasswordResetRequested,
    SystemAlert,
    TaskCreated,
    TaskEntity,
    TaskStatusUpdated,
    TaskUpdated,
    UserEntity,
    UserInvited,
    UserRegistered,
    UserUpdated,
    WorkspaceMemberChanged,
)
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notices import AccountLink, Alert, Invitation, Purpose, Remark, Task
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.service.notices import Announcer
from subgraphs.notification.service.ports import Cause, Ledger
from subgraphs.notification.service.profiles import follow_profile

GROUP = "notification"


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The handlers of the group `notification`."""

    announcer: Announcer
    ledger: Ledger

    def handlers(self) -> Mapping[str, Handler]:
        return {
            UserRegistered.TOPIC: self.user_registered,
            UserUpdated.TOPIC: self.user_updated,
            UserInvited.TOPIC: self.user_invited,
            InvitationReminded.TOPIC: self.invitation_reminded,
            PasswordResetRequested.TOPIC: self.password_reset_requested,
            EmailVerificationRequested.TOPIC: self.email_verification_requested,
            WorkspaceMemberChanged.TOPIC: self.member_changed,
            TaskCreated.TOPIC: self.task_created,
            TaskUpdated.TOPIC: self.task_updated,
            TaskStatusUpdated.TOPIC: self.task_status_updated,
            CommentAdded.TOPIC: self.comment_added,
            CommentUpdated.TOPIC: self.comment_updated,
            SystemAlert.TOPIC: self.system_alert,
        }

    async def user_registered(self, event: Envelope) -> None:
        await follow_profile(_profile(event.payload(UserRegistered).user), _cause(event), self.ledger)

    async def user_updated(self, event: Envelope) -> None:
        await follow_profile(_profile(event.payload(UserUpdated).user), _cause(event), self.ledger)

    async def user_invited(self, event: Envelope) -> None:
        await self.announcer.person_invited(_invitation(event.payload(UserInvited)), _cause(event))

    async def invitation_reminded(self, event: Envelope) -> None:
        invitation = replace(_invitation(event.payload(InvitationReminded)), reminder=True)
        await self.announcer.person_invited(invitation, _cause(event))

    async def password_reset_requested(self, event: Envelope) -> None:
        told = event.payload(PasswordResetRequested)
        await self.announcer.link_requested(_link(Purpose.PASSWORD_RESET, told), _cause(event))

    async def email_verification_requested(self, event: Envelope) -> None:
        told = event.payload(EmailVerificationRequested)
        await self.announcer.link_requested(_link(Purpose.EMAIL_VERIFICATION, told), _cause(event))

    async def member_changed(self, event: Envelope) -> None:
        told = event.payload(WorkspaceMemberChanged)
        membership = Membership(
            workspace_id=told.workspace_id, user_id=told.user_id, role=told.role, version=told.version
        )
        await self.announcer.member_changed(membership, told.workspace_name, told.actor_id, _cause(event))

    async def task_created(self, event: Envelope) -> None:
        told = event.payload(TaskCreated)
        await self.announcer.task_assigned(_task(told.task), told.task.assignee_ids, told.actor_id, _cause(event))

    async def task_updated(self, event: Envelope) -> None:
        told = event.payload(TaskUpdated)
        task, cause = _task(told.task), _cause(event)
        if "deletedAt" in told.changed:
            await self.announcer.task_gone(task, told.task.deleted_at is not None, told.actor_id, cause)
        elif told.task.deleted_at is None:
            newly: list[UUID] = []
            if "assigneeIds" in told.changed:
                before = _ids(told.previous.get("assigneeIds"))
                newly = [user_id for user_id in told.task.assignee_ids if user_id not in before]
            await self.announcer.task_changed(task, told.changed, newly, told.actor_id, cause)

    async def task_status_updated(self, event: Envelope) -> None:
        told = event.payload(TaskStatusUpdated)
        await self.announcer.task_moved(_task(told.task), told.actor_id, _cause(event))

    async def comment_added(self, event: Envelope) -> None:
        told = event.payload(CommentAdded)
        await self.announcer.task_commented(_task(told.task), _remark(told.comment), _cause(event))

    async def comment_updated(self, event: Envelope) -> None:
        told = event.payload(CommentUpdated)
        if told.comment.deleted_at is None:
            await self.announcer.comment_changed(_task(told.task), _remark(told.comment), _cause(event))

    async def system_alert(self, event: Envelope) -> None:
        told = event.payload(SystemAlert)
        alert = Alert(
            category=Category(told.kind),
            workspace_id=told.workspace_id,
            project_id=told.project_id,
            task_id=told.task_id,
            task_key=told.task_key,
            title=told.title,
            recipient_ids=told.recipient_ids,
            due_at=told.due_at,
            fired_at=told.fired_at,
            late=told.late,
        )
        await self.announcer.alert_raised(alert, _cause(event))


def _cause(event: Envelope) -> Cause:
    return Cause(event_id=event.id, topic=event.type, at=event.time)


def _profile(user: UserEntity) -> Profile:
    return Profile(
        user_id=user.id,
        email=user.email,
        display_name=user.display_name,
        locale=user.locale,
        time_zone=user.time_zone,
        version=user.version,
    )


def _invitation(told: UserInvited | InvitationReminded) -> Invitation:
    return Invitation(
        id=told.invitation_id,
        workspace_id=told.workspace_id,
        workspace_name=told.workspace_name,
        email=told.email,
        role=told.role,
        inviter_name=told.inviter_name,
        token=told.token,
        expires_at=told.expires_at,
    )


def _link(purpose: Purpose, told: PasswordResetRequested | EmailVerificationRequested) -> AccountLink:
    return AccountLink(
        id=told.request_id,
        purpose=purpose,
        email=told.email,
        display_name=told.display_name,
        token=told.token,
        expires_at=told.expires_at,
    )


def _task(task: TaskEntity) -> Task:
    return Task(
        id=task.id,
        workspace_id=task.workspace_id,
        project_id=task.project_id,
        key=task.key,
        title=task.title,
        status=task.status,
        assignee_ids=task.assignee_ids,
        watcher_ids=task.watcher_ids,
    )


def _remark(comment: CommentEntity) -> Remark:
    return Remark(id=comment.id, text=comment.body, author_id=comment.author_id, mentioned_ids=comment.mentioned_ids)


def _ids(value: object) -> set[UUID]:
    """The ids of a previous value. Raises `DomainError` EVENT_MALFORMED when they are none."""
    try:
        return {UUID(item) for item in value} if isinstance(value, list) else set()
    except (ValueError, TypeError, AttributeError):
        raise DomainError.of("EVENT_MALFORMED", "The previous assignees are no ids.") from None
