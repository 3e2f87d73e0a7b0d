"""Owns how happenings are written as events: topic, key, tenant and payload exactly as the contract has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from kit.clock import Clock
from kit.kafka import Envelope
from proto.events import (
    EmailVerificationRequested,
    InvitationReminded,
    PasswordResetRequested,
    Payload,
    SessionRevoked,
    UserEntity,
    UserInvited,
    UserRegistered,
    UserUpdated,
    WorkspaceMemberChanged,
)
from subgraphs.auth.domain import happenings
from subgraphs.auth.domain.mail_tokens import Purpose
from subgraphs.auth.domain.users import User
from subgraphs.auth.service.ports import NewId

SOURCE = "auth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Writes happenings as envelopes, each with an id of its own."""

    clock: Clock
    new_id: NewId

    def __call__(self, happening: happenings.Happening) -> Envelope:
        payload, key, tenant = _written(happening)
        return Envelope.of(
            payload, source=SOURCE, subject=key, tenant=tenant, time=self.clock.now(), event_id=self.new_id()
        )


def _written(happening: happenings.Happening) -> tuple[Payload, UUID, UUID | None]:
    """The payload, the key, and the workspace it belongs to."""
    match happening:
        case happenings.UserRegistered(user=user):
            return UserRegistered(user=user_entity(user)), user.id, None
        case happenings.UserUpdated(user=user):
            return UserUpdated(user=user_entity(user)), user.id, None
        case happenings.MailTokenIssued(record=record):
            return _mail_requested(happening), record.id, None
        case happenings.UserInvited(invitation=invitation):
            return _user_invited(happening), invitation.id, invitation.workspace_id
        case happenings.InvitationReminded(invitation=invitation):
            return _invitation_reminded(happening), invitation.id, invitation.workspace_id
        case happenings.MembershipChanged(membership=membership):
            return _member_changed(happening), membership.workspace_id, membership.workspace_id
        case happenings.SessionRevoked():
            return _session_revoked(happening), happening.session.user_id, None


def user_entity(user: User) -> UserEntity:
    return UserEntity(
        id=user.id,
        email=user.email,
        display_name=user.display_name,
        avatar_url=user.avatar_url,
        locale=user.locale,
        time_zone=user.time_zone,
        version=user.version,
    )


_REQUESTED: Mapping[Purpose, type[PasswordResetRequested] | type[EmailVerificationRequested]] = MappingProxyType(
    {
        Purpose.PASSWORD_RESET: PasswordResetRequested,
        Purpose.EMAIL_VERIFICATION: EmailVerificationRequested,
    }
)


def _mail_requested(happened: happenings.MailTokenIssued) -> PasswordResetRequested | EmailVerificationRequested:
    user, record = happened.user, happened.record
    return _REQUESTED[record.purpose](
        request_id=record.id,
        user_id=user.id,
        email=record.email,
        display_name=user.display_name,
        locale=user.locale,
        token=happened.token,
        expires_at=record.expires_at,
    )


def _user_invited(happened: happenings.UserInvited) -> UserInvited:
    invitation = happened.invitation
    return UserInvited(
        invitation_id=invitation.id,
        workspace_id=invitation.workspace_id,
        workspace_name=happened.workspace_name,
        email=invitation.email,
        role=invitation.role.value,
        inviter_id=invitation.inviter_id,
        inviter_name=happened.inviter_name,
        token=happened.token,
        expires_at=invitation.expires_at,
        round=invitation.round,
    )


def _invitation_reminded(happened: happenings.InvitationReminded) -> InvitationReminded:
    invitation = happened.invitation
    return InvitationReminded(
        invitation_id=invitation.id,
        workspace_id=invitation.workspace_id,
        workspace_name=happened.workspace_name,
        email=invitation.email,
        role=invitation.role.value,
        inviter_name=happened.inviter_name,
        token=happened.token,
        expires_at=invitation.expires_at,
    )


def _member_changed(happened: happenings.MembershipChanged) -> WorkspaceMemberChanged:
    membership = happened.membership
    return WorkspaceMemberChanged(
        workspace_id=membership.workspace_id,
        workspace_name=happened.workspace_name,
        user_id=membership.user_id,
        role=membership.role.value if membership.active and membership.role is not None else None,
        permissions=tuple(sorted(membership.named)) if membership.active else (),
        version=membership.version,
        actor_id=happened.actor_id,
    )


def _session_revoked(happened: happenings.SessionRevoked) -> SessionRevoked:
    session = happened.session
    if session.ended_at is None or session.ending is None:
        raise ValueError("the session has not ended")
    return SessionRevoked(
        session_id=session.id, user_id=session.user_id, reason=session.ending.value, revoked_at=session.ended_at
    )
