"""Event payloads: one module per topic, and the table of all topics. The event's type is the name of its topic."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from proto.events.comment_added import CommentAdded
from proto.events.comment_updated import CommentUpdated
from proto.events.entities import (
    CommentEntity,
    EntityRef,
    LabelEntity,
    NotificationEntity,
    ProjectRef,
    ReactionEntity,
    StatusCategory,
    TaskEntity,
    UserEntity,
    UserRef,
)
from proto.events.notification_created import NotificationCreated
from proto.events.notification_system_alert import SystemAlert
from proto.events.payload import Part, Payload
from proto.events.project_access_changed import ProjectAccessChanged
from proto.events.recurrence_changed import RecurrenceChanged, RecurrenceRef
from proto.events.session_revoked import SessionRevoked
from proto.events.sla_acknowledged import SlaAcknowledged
from proto.events.sla_policy_changed import SlaPolicyChanged
from proto.events.task_created import TaskCreated
from proto.events.task_status_updated import TaskStatusUpdated
from proto.events.task_updated import TaskUpdated
from proto.events.user_email_verification_requested import EmailVerificationRequested
from proto.events.user_invitation_reminded import InvitationReminded
from proto.events.user_invited import UserInvited
from proto.events.user_password_reset_requested import PasswordResetRequested
from proto.events.user_registered import UserRegistered
from proto.events.user_updated import UserUpdated
from proto.events.workspace_member_changed import WorkspaceMemberChanged

TOPICS: Mapping[str, type[Payload]] = MappingProxyType(
    {
        payload.TOPIC: payload
        for payload in (
            UserRegistered,
            UserUpdated,
            UserInvited,
            InvitationReminded,
            PasswordResetRequested,
            EmailVerificationRequested,
            WorkspaceMemberChanged,
            SessionRevoked,
            TaskCreated,
            TaskUpdated,
            TaskStatusUpdated,
            CommentAdded,
            CommentUpdated,
            ProjectAccessChanged,
            RecurrenceChanged,
            SlaPolicyChanged,
            SlaAcknowledged,
            NotificationCreated,
            SystemAlert,
        )
    }
)
"""Every topic with the payload of its events."""

__all__ = [
    "TOPICS",
    "CommentAdded",
    "CommentEntity",
    "CommentUpdated",
    "EmailVerificationRequested",
    "EntityRef",
    "InvitationReminded",
    "LabelEntity",
    "NotificationCreated",
    "NotificationEntity",
    "Part",
    "PasswordResetRequested",
    "Payload",
    "ProjectAccessChanged",
    "ProjectRef",
    "ReactionEntity",
    "RecurrenceChanged",
    "RecurrenceRef",
    "SessionRevoked",
    "SlaAcknowledged",
    "SlaPolicyChanged",
    "StatusCategory",
    "SystemAlert",
    "TaskCreated",
    "TaskEntity",
    "TaskStatusUpdated",
    "TaskUpdated",
    "UserEntity",
    "UserInvited",
    "UserRef",
    "UserRegistered",
    "UserUpdated",
    "WorkspaceMemberChanged",
]
