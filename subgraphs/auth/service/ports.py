"""Owns what the use cases need from outside. A write takes what happened with it and keeps both, atomically."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from kit.idempotency import KeyUse
from subgraphs.auth.domain.audit import Entry, EntryId
from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.domain.invitations import Invitation, InvitationId
from subgraphs.auth.domain.mail_tokens import MailToken, MailTokenId
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.roles import CustomRole, RoleId
from subgraphs.auth.domain.sessions import Session, SessionId
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId

T = TypeVar("T")
NewId = Callable[[], UUID]


class Users(Protocol):
    """Accounts."""

    async def get(self, user_id: UserId) -> User | None: ...

    async def get_many(self, user_ids: Collection[UserId]) -> list[User]: ...

    async def by_email(self, email: str) -> User | None: ...

    async def add(self, user: User, *happenings: Happening) -> None:
        """Raises EMAIL_TAKEN."""

    async def save(self, user: User, *happenings: Happening) -> bool:
        """Writes the next version; False when it is not the next one any more."""

    async def replace_hash(self, user_id: UserId, old: str, new: str) -> bool:
        """Stores another hash of the same password, unless it was changed meanwhile."""


class Workspaces(Protocol):
    """Workspaces."""

    async def get(self, workspace_id: WorkspaceId) -> Workspace | None: ...

    async def get_many(self, workspace_ids: Collection[WorkspaceId]) -> list[Workspace]: ...

    async def by_slug(self, slug: str) -> Workspace | None: ...

    async def add(self, workspace: Workspace) -> None:
        """Raises SLUG_TAKEN."""

    async def save(self, workspace: Workspace) -> bool:
        """Writes the next version; False when it is not the next one any more. Raises SLUG_TAKEN."""


class Memberships(Protocol):
    """Who belongs where. Lists hold active memberships only, oldest first, unless said otherwise."""

    async def find(self, workspace_id: WorkspaceId, user_id: UserId) -> Membership | None:
        """Also one that has ended."""

    async def of_user(self, user_id: UserId) -> list[Membership]: ...

    async def of_workspace(
        self, workspace_id: WorkspaceId, *, after: MembershipId | None, limit: int
    ) -> list[Membership]: ...

    async def everyone(self, workspace_id: WorkspaceId, *, role_id: RoleId | None = None) -> list[Membership]:
        """All records of a workspace, also ended and suspended ones; or the active ones with a custom role."""

    async def within(self, workspace_ids: Collection[WorkspaceId], user_ids: Collection[UserId]) -> list[Membership]:
        """Also those that have ended."""

    async def add(self, membership: Membership, *happenings: Happening) -> None:
        """Raises EXISTS when there is a record of this person in this workspace."""

    async def save(self, membership: Membership, *happenings: Happening) -> bool:
        """Writes the next version; False when it is not the next one any more."""


class Roles(Protocol):
    """The custom roles of workspaces."""

    async def get(self, role_id: RoleId) -> CustomRole | None: ...

    async def of_workspace(self, workspace_id: WorkspaceId) -> list[CustomRole]:
        """Oldest first."""

    async def add(self, role: CustomRole) -> None:
        """Raises EXISTS when the workspace has a role of this name."""

    async def save(self, role: CustomRole) -> bool:
        """Writes the next version; False when it is not the next one any more. Raises EXISTS as `add` does."""

    async def remove(self, role: CustomRole) -> bool:
        """False when it is not of this version any more."""


class Audit(Protocol):
    """What workspaces remember of who changed what."""

    async def add(self, entry: Entry) -> None: ...

    async def page(self, workspace_id: WorkspaceId, *, after: EntryId | None, limit: int) -> list[Entry]:
        """Newest first, from behind `after`."""


class Invitations(Protocol):
    """Invitations. A workspace has at most one pending invitation for an address."""

    async def get(self, invitation_id: InvitationId) -> Invitation | None: ...

    async def by_token(self, token_hash: bytes) -> Invitation | None:
        """By either of its tokens."""

    async def page(self, workspace_id: WorkspaceId, *, after: InvitationId | None, limit: int) -> list[Invitation]:
        """In whatever state, newest first, from behind `after`."""

    async def with_role(self, role_id: RoleId) -> list[Invitation]:
        """The pending ones into a custom role."""

    async def pending(self, workspace_id: WorkspaceId, email: str) -> Invitation | None: ...

    async def add(self, invitation: Invitation, *happenings: Happening) -> bool:
        """False when another pending one for the address was first."""

    async def save(self, invitation: Invitation, *happenings: Happening) -> bool:
        """Writes the next version; False when it is not the next one, or another one is pending for the address."""


class MailTokens(Protocol):
    """The last token that was mailed, for each address and purpose."""

    async def get(self, token_id: MailTokenId) -> MailToken | None: ...

    async def by_token(self, token_hash: bytes) -> MailToken | None: ...

    async def add(self, record: MailToken, *happenings: Happening) -> bool:
        """False when there is a record already."""

    async def save(self, record: MailToken, *happenings: Happening) -> bool:
        """Writes the next version; False when it is not the next one any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A session with the person it belongs to and where that person belongs now."""

    session: Session
    user: User
    memberships: list[Membership]


class SessionRecords(Protocol):
    """The durable copy of sessions: what has ended here never comes back."""

    async def get(self, session_id: SessionId) -> Session | None: ...

    async def standing(self, session_id: SessionId) -> Standing | None:
        """A session, ended or not, with its person and active memberships, in one question; None without a person."""

    async def open_of(self, user_id: UserId) -> list[Session]:
        """Sessions of the user that were not ended (some may have expired)."""

    async def page_of(self, user_id: UserId, now: datetime, *, after: SessionId | None, limit: int) -> list[Session]:
        """Those that were not ended and have not expired, newest first, from behind `after`."""

    async def add(self, session: Session) -> None: ...

    async def save(self, session: Session, *happenings: Happening) -> bool:
        """Writes the next version; False when it is not the next one any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What a mutation field under an idempotency key answered: an entity or several."""

    field: str
    fingerprint: bytes
    answer: object


class Answers(Protocol):
    """Answers under idempotency keys, for as long as they are kept."""

    async def under(self, owner: str, key: str) -> list[KeptAnswer]: ...

    async def keep(self, use: KeyUse, answer: object) -> None:
        """Part of the transaction of the effect."""


class Stores(Protocol):
    """All that is kept in the database."""

    @property
    def answers(self) -> Answers: ...

    @property
    def users(self) -> Users: ...

    @property
    def workspaces(self) -> Workspaces: ...

    @property
    def memberships(self) -> Memberships: ...

    @property
    def roles(self) -> Roles: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def invitations(self) -> Invitations: ...

    @property
    def mail_tokens(self) -> MailTokens: ...

    @property
    def sessions(self) -> SessionRecords: ...


class Database(Stores, Protocol):
    """The stores, each write by itself; `atomically` makes several of them one."""

    async def atomically(self, work: Callable[[Stores], Awaitable[T]]) -> T:
        """Runs the work on stores of one transaction. It may run again after a lost race; raising undoes all."""


class LiveSessions(Protocol):
    """The live index of sessions. Each method raises UNAVAILABLE when the index cannot be asked."""

    async def put(self, session: Session) -> None: ...

    async def owner(self, session_id: SessionId) -> UserId | None:
        """Whose session it is, or None when it is not live."""

    async def prolong(self, session: Session) -> bool:
        """Moves the end of a live session; False when it is not live (it is never put back)."""

    async def drop(self, session_ids: Collection[SessionId]) -> None: ...


class Attempts(Protocol):
    """Counts attempts by account and by address, shared by all processes. Raises UNAVAILABLE when it cannot count."""

    async def begin_login(self, account: str, address: str | None) -> None:
        """Counts an attempt before the password is looked at. Raises RATE_LIMITED."""

    async def login_succeeded(self, account: str, address: str | None) -> None:
        """Takes the attempt back and remembers that the account's owner uses this address."""

    async def begin_registration(self, address: str | None) -> None:
        """Counts a registration, and an attempt that is taken back unless the e-mail address turns out to be taken.

        Raises RATE_LIMITED.
        """

    async def registration_succeeded(self, address: str | None) -> None:
        """Takes the attempt back: only those count that told somebody that an account exists."""

    async def begin_mail(self, email: str, address: str | None) -> None:
        """Counts a mail that somebody asks for, whether or not the address has an account. Raises RATE_LIMITED."""

    async def begin_invitation(self, inviter: UserId) -> None:
        """Raises RATE_LIMITED: each one sends a mail to whomever the inviter names."""


class PasswordHasher(Protocol):
    """Slow hashing, off the event loop. Raises UNAVAILABLE when too many wait for it."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Takes as long without a hash as with one, and is False then."""

    def outdated(self, hashed: str) -> bool:
        """Whether the hash was made with parameters that are no longer used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What an access token says once it is proven."""

    user_id: UserId
    session_id: SessionId
    expires_at: datetime


class AccessTokens(Protocol):
    """Signs and checks access tokens."""

    def mint(self, user_id: UserId, session_id: SessionId, now: datetime, life: timedelta) -> str: ...

    def verify(self, token: str, now: datetime) -> AccessClaims:
        """Raises TOKEN_INVALID or TOKEN_EXPIRED."""
