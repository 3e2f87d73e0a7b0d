"""Happenings as events: topic, key, tenant and payload to the letter of the contract."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kit.ids import new_id
from proto.permissions import Permission, Role
from subgraphs.auth.domain.happenings import (
    Happening,
    InvitationReminded,
    MailTokenIssued,
    MembershipChanged,
    SessionRevoked,
    UserInvited,
    UserRegistered,
    UserUpdated,
)
from subgraphs.auth.domain.mail_tokens import Purpose
from subgraphs.auth.domain.roles import Given, RoleId
from subgraphs.auth.domain.sessions import Ending
from subgraphs.auth.events.published import Published
from tests.testkit.auth_memory import CountingIds, HandClock
from tests.testkit.auth_ports import NOW, a_mail_token, a_membership, a_session, a_user, an_invitation

USER, SESSION, INVITATION, MEMBERSHIP = a_user("ada@example.com"), a_session(), an_invitation(), a_membership()


def _event(happening: Happening) -> tuple[str, str, str | None, dict[str, object]]:
    event = Published(clock=HandClock(NOW), new_id=CountingIds())(happening)
    assert (event.source, event.time) == ("auth", NOW)
    tenant = None if event.tenant is None else str(event.tenant)
    return event.type, event.subject, tenant, json.loads(event.data)


@pytest.mark.parametrize(
    ("happening", "topic"),
    [(UserRegistered(user=USER), "user-registered"), (UserUpdated(user=USER), "user.updated")],
)
def test_a_profile_is_told_whole(happening: Happening, topic: str) -> None:
    assert _event(happening) == (
        topic,
        str(USER.id),
        None,
        {
            "user": {
                "id": str(USER.id),
                "email": "ada@example.com",
                "displayName": "Ada",
                "avatarUrl": None,
                "locale": "en",
                "timeZone": "UTC",
                "version": 1,
            }
        },
    )


@pytest.mark.parametrize(
    ("purpose", "topic"),
    [
        (Purpose.PASSWORD_RESET, "user.password.reset.requested"),
        (Purpose.EMAIL_VERIFICATION, "user.email.verification.requested"),
    ],
)
def test_a_mail_with_a_link_is_asked_for_with_its_token(purpose: Purpose, topic: str) -> None:
    record = replace(a_mail_token(USER.id), purpose=purpose)
    assert _event(MailTokenIssued(record=record, user=USER, token="secret")) == (
        topic,
        str(record.id),
        None,
        {
            "requestId": str(record.id),
            "userId": str(USER.id),
            "email": record.email,
            "displayName": "Ada",
            "locale": "en",
            "token": "secret",
            "expiresAt": "2026-03-01T13:00:00.123000Z",
        },
    )


def test_user_invited() -> None:
    happened = UserInvited(invitation=INVITATION, workspace_name="Engines", inviter_name="Ada", token="secret")
    assert _event(happened) == (
        "user.invited",
        str(INVITATION.id),
        str(INVITATION.workspace_id),
        {
            "invitationId": str(INVITATION.id),
            "workspaceId": str(INVITATION.workspace_id),
            "workspaceName": "Engines",
            "email": "bob@example.com",
            "role": "guest",
            "inviterId": str(INVITATION.inviter_id),
            "inviterName": "Ada",
            "token": "secret",
            "expiresAt": "2026-03-15T12:00:00.123000Z",
            "round": 1,
        },
    )


@pytest.mark.parametrize("role", ["member", None])
def test_workspace_member_changed(role: str | None) -> None:
    changed = MEMBERSHIP if role else MEMBERSHIP.with_role(None)
    happened = MembershipChanged(membership=changed, workspace_name="Engines", actor_id=USER.id)
    assert _event(happened) == (
        "workspace.member.changed",
        str(MEMBERSHIP.workspace_id),
        str(MEMBERSHIP.workspace_id),
        {
            "workspaceId": str(MEMBERSHIP.workspace_id),
            "workspaceName": "Engines",
            "userId": str(MEMBERSHIP.user_id),
            "role": role,
            "permissions": [],
            "version": changed.version,
            "actorId": str(USER.id),
        },
    )


def test_a_custom_role_is_told_with_what_it_allows_and_a_suspended_member_as_none() -> None:
    given = Given(role=Role.CUSTOM, role_id=RoleId(new_id()), named=frozenset({Permission.TASK_CREATE}))
    member = MEMBERSHIP.with_role(given)
    for one, role, permissions in ((member, "custom", ["task.create"]), (member.with_suspended(True), None, [])):
        told = _event(MembershipChanged(membership=one, workspace_name="Engines", actor_id=USER.id))[3]
        assert (told["role"], told["permissions"]) == (role, permissions)


def test_a_reminder_of_an_invitation() -> None:
    happened = InvitationReminded(invitation=INVITATION, workspace_name="Engines", inviter_name="Ada", token="secret")
    assert _event(happened) == (
        "user.invitation.reminded",
        str(INVITATION.id),
        str(INVITATION.workspace_id),
        {
            "invitationId": str(INVITATION.id),
            "workspaceId": str(INVITATION.workspace_id),
            "workspaceName": "Engines",
            "email": "bob@example.com",
            "role": "guest",
            "inviterName": "Ada",
            "token": "secret",
            "expiresAt": "2026-03-15T12:00:00.123000Z",
        },
    )


def test_session_revoked() -> None:
    ended = SESSION.ended(Ending.REFRESH_REUSED, NOW)
    assert _event(SessionRevoked(session=ended)) == (
        "session.revoked",
        str(SESSION.user_id),
        None,
        {
            "sessionId": str(SESSION.id),
            "userId": str(SESSION.user_id),
            "reason": "refresh_reused",
            "revokedAt": "2026-03-01T12:00:00.123000Z",
        },
    )


def test_a_session_that_has_not_ended_cannot_be_announced() -> None:
    with pytest.raises(ValueError, match="has not ended"):
        _event(SessionRevoked(session=SESSION))


def test_each_event_has_an_id_of_its_own() -> None:
    write = Published(clock=HandClock(NOW), new_id=CountingIds())
    assert write(UserRegistered(user=USER)).id != write(UserRegistered(user=USER)).id
