"""Owns what happened here that others care about, in the past tense. How it looks on the wire is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from subgraphs.auth.domain.invitations import Invitation
from subgraphs.auth.domain.mail_tokens import MailToken
from subgraphs.auth.domain.memberships import Membership
from subgraphs.auth.domain.sessions import Session
from subgraphs.auth.domain.users import User, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered:
    """Someone signed up."""

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUpdated:
    """Someone's profile is another one."""

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTokenIssued:
    """Someone asked for a link by mail. Holds the token: the mail is written from it."""

    record: MailToken
    user: User
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited:
    """Someone was asked into a workspace. Holds the token: the mail with the link is written from it."""

    invitation: Invitation
    workspace_name: str
    inviter_name: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationReminded:
    """Someone who was asked into a workspace has not answered. Holds a token for the mail, beside the first one."""

    invitation: Invitation
    workspace_name: str
    inviter_name: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChanged:
    """A membership began, changed its role or ended."""

    membership: Membership
    workspace_name: str
    actor_id: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevoked:
    """A session ended before its time."""

    session: Session


Happening = (
    UserRegistered
    | UserUpdated
    | MailTokenIssued
    | UserInvited
    | InvitationReminded
    | MembershipChanged
    | SessionRevoked
)
