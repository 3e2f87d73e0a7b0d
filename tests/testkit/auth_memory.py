"""Fakes of the auth service's ports. They pass the same suites as the adapters (`tests/testkit/auth_ports.py`)."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from kit.errors import unavailable
from kit.idempotency import KeyUse
from subgraphs.auth import errors
from subgraphs.auth.domain.audit import Entry, EntryId
from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.domain.invitations import Invitation, InvitationId, State
from subgraphs.auth.domain.mail_tokens import MailToken, MailTokenId
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.roles import CustomRole, RoleId, role_key
from subgraphs.auth.domain.sessions import Session, SessionId
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.ports import AccessClaims, KeptAnswer, Standing, Stores

T = TypeVar("T")


@dataclass(slots=True)
class HandClock:
    """A clock that tests move."""

    time: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, duration: timedelta) -> None:
        self.time += duration


@dataclass(slots=True)
class CountingIds:
    """Ids that sort in the order in which they were made, the same in each run."""

    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self) -> UUID:
        return UUID(int=(0x7 << 76) | (0x2 << 62) | (next(self.numbers) << 80))


@dataclass(slots=True)
class CountingSecrets:
    """Secrets that differ from each other."""

    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, size: int) -> bytes:
        return next(self.numbers).to_bytes(size, "big")


@dataclass(slots=True)
class Tables:
    """What the memory database holds."""

    users: dict[UserId, User] = field(default_factory=dict)
    workspaces: dict[WorkspaceId, Workspace] = field(default_factory=dict)
    memberships: dict[MembershipId, Membership] = field(default_factory=dict)
    roles: dict[RoleId, CustomRole] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], KeptAnswer] = field(default_factory=dict)
    audit: dict[EntryId, Entry] = field(default_factory=dict)
    invitations: dict[UUID, Invitation] = field(default_factory=dict)
    mail_tokens: dict[MailTokenId, MailToken] = field(default_factory=dict)
    sessions: dict[SessionId, Session] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)

    def copy(self) -> Tables:
        return replace(self, **{name: type(rows)(rows) for name, rows in self._rows().items()})

    def restore(self, saved: Tables) -> None:
        for name, rows in saved._rows().items():
            setattr(self, name, rows)

    def _rows(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class MemoryUsers:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.lists_asked = 0

    async def get(self, user_id: UserId) -> User | None:
        return self._tables.users.get(user_id)

    async def get_many(self, user_ids: Collection[UserId]) -> list[User]:
        self.lists_asked += 1
        return [user for user in self._tables.users.values() if user.id in user_ids]

    async def by_email(self, email: str) -> User | None:
        return next((user for user in self._tables.users.values() if user.email == email), None)

    async def add(self, user: User, *happenings: Happening) -> None:
        if await self.by_email(user.email) is not None:
            raise errors.email_taken()
        self._tables.users[user.id] = user
        self._tables.happenings += happenings

    async def save(self, user: User, *happenings: Happening) -> bool:
        if not _is_next(self._tables.users.get(user.id), user):
            return False
        self._tables.users[user.id] = user
        self._tables.happenings += happenings
        return True

    async def replace_hash(self, user_id: UserId, old: str, new: str) -> bool:
        user = self._tables.users.get(user_id)
        if user is None or user.password_hash != old:
            return False
        self._tables.users[user_id] = replace(user, password_hash=new)
        return True


class MemoryWorkspaces:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, workspace_id: WorkspaceId) -> Workspace | None:
        return self._tables.workspaces.get(workspace_id)

    async def get_many(self, workspace_ids: Collection[WorkspaceId]) -> list[Workspace]:
        return [one for one in self._tables.workspaces.values() if one.id in workspace_ids]

    async def by_slug(self, slug: str) -> Workspace | None:
        return next((one for one in self._tables.workspaces.values() if one.slug == slug), None)

    def _refuse_taken(self, workspace: Workspace) -> None:
        others = (one for one in self._tables.workspaces.values() if one.id != workspace.id)
        if any(one.slug == workspace.slug for one in others):
            raise errors.slug_taken(workspace.slug)

    async def add(self, workspace: Workspace) -> None:
        self._refuse_taken(workspace)
        self._tables.workspaces[workspace.id] = workspace

    async def save(self, workspace: Workspace) -> bool:
        self._refuse_taken(workspace)
        if not _is_next(self._tables.workspaces.get(workspace.id), workspace):
            return False
        self._tables.workspaces[workspace.id] = workspace
        return True


class MemoryMemberships:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def _sorted(self) -> list[Membership]:
        return sorted(self._tables.memberships.values(), key=lambda one: one.id)

    async def find(self, workspace_id: WorkspaceId, user_id: UserId) -> Membership | None:
        wanted = (workspace_id, user_id)
        return next((one for one in self._sorted() if (one.workspace_id, one.user_id) == wanted), None)

    async def of_user(self, user_id: UserId) -> list[Membership]:
        return [one for one in self._sorted() if one.user_id == user_id and one.active]

    async def of_workspace(
        self, workspace_id: WorkspaceId, *, after: MembershipId | None, limit: int
    ) -> list[Membership]:
        members = [one for one in self._sorted() if one.workspace_id == workspace_id and one.active]
        return [one for one in members if after is None or one.id > after][:limit]

    async def everyone(self, workspace_id: WorkspaceId, *, role_id: RoleId | None = None) -> list[Membership]:
        found = [one for one in self._sorted() if one.workspace_id == workspace_id]
        return found if role_id is None else [one for one in found if one.role_id == role_id and one.active]

    async def within(self, workspace_ids: Collection[WorkspaceId], user_ids: Collection[UserId]) -> list[Membership]:
        return [one for one in self._sorted() if one.workspace_id in workspace_ids and one.user_id in user_ids]

    async def add(self, membership: Membership, *happenings: Happening) -> None:
        if await self.find(membership.workspace_id, membership.user_id) is not None:
            raise errors.already_member()
        self._tables.memberships[membership.id] = membership
        self._tables.happenings += happenings

    async def save(self, membership: Membership, *happenings: Happening) -> bool:
        if not _is_next(self._tables.memberships.get(membership.id), membership):
            return False
        self._tables.memberships[membership.id] = membership
        self._tables.happenings += happenings
        return True


class MemoryRoles:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, role_id: RoleId) -> CustomRole | None:
        return self._tables.roles.get(role_id)

    async def of_workspace(self, workspace_id: WorkspaceId) -> list[CustomRole]:
        found = [one for one in self._tables.roles.values() if one.workspace_id == workspace_id]
        return sorted(found, key=lambda one: one.id)

    async def _refuse_taken(self, role: CustomRole) -> None:
        for other in await self.of_workspace(role.workspace_id):
            if other.id != role.id and role_key(other.name) == role_key(role.name):
                raise errors.role_name_taken()

    async def add(self, role: CustomRole) -> None:
        await self._refuse_taken(role)
        self._tables.roles[role.id] = role

    async def save(self, role: CustomRole) -> bool:
        await self._refuse_taken(role)
        if not _is_next(self._tables.roles.get(role.id), role):
            return False
        self._tables.roles[role.id] = role
        return True

    async def remove(self, role: CustomRole) -> bool:
        if self._tables.roles.get(role.id) != role:
            return False
        del self._tables.roles[role.id]
        return True


class MemoryAudit:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, entry: Entry) -> None:
        self._tables.audit[entry.id] = entry

    async def page(self, workspace_id: WorkspaceId, *, after: EntryId | None, limit: int) -> list[Entry]:
        found = [one for one in self._tables.audit.values() if one.workspace_id == workspace_id]
        found.sort(key=lambda one: one.id, reverse=True)
        return [one for one in found if after is None or one.id < after][:limit]


class MemoryAnswers:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def under(self, owner: str, key: str) -> list[KeptAnswer]:
        return [kept for (one, other, _), kept in self._tables.answers.items() if (one, other) == (owner, key)]

    async def keep(self, use: KeyUse, answer: object) -> None:
        kept = KeptAnswer(field=use.field, fingerprint=use.fingerprint, answer=answer)
        self._tables.answers[use.owner, use.key, use.field] = kept


class MemoryInvitations:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, invitation_id: InvitationId) -> Invitation | None:
        return self._tables.invitations.get(invitation_id)

    async def by_token(self, token_hash: bytes) -> Invitation | None:
        invitations = self._tables.invitations.values()
        return next((one for one in invitations if token_hash in (one.token_hash, one.earlier_hash)), None)

    async def page(self, workspace_id: WorkspaceId, *, after: InvitationId | None, limit: int) -> list[Invitation]:
        found = [one for one in self._tables.invitations.values() if one.workspace_id == workspace_id]
        found.sort(key=lambda one: one.id, reverse=True)
        return [one for one in found if after is None or one.id < after][:limit]

    async def with_role(self, role_id: RoleId) -> list[Invitation]:
        invitations = self._tables.invitations.values()
        return [one for one in invitations if (one.role_id, one.state) == (role_id, State.PENDING)]

    async def pending(self, workspace_id: WorkspaceId, email: str) -> Invitation | None:
        wanted = (workspace_id, email, State.PENDING)
        invitations = self._tables.invitations.values()
        return next((one for one in invitations if (one.workspace_id, one.email, one.state) == wanted), None)

    async def add(self, invitation: Invitation, *happenings: Happening) -> bool:
        if await self.pending(invitation.workspace_id, invitation.email) is not None:
            return False
        self._tables.invitations[invitation.id] = invitation
        self._tables.happenings += happenings
        return True

    async def save(self, invitation: Invitation, *happenings: Happening) -> bool:
        pending = await self.pending(invitation.workspace_id, invitation.email)
        if invitation.state is State.PENDING and pending is not None and pending.id != invitation.id:
            return False
        if not _is_next(self._tables.invitations.get(invitation.id), invitation):
            return False
        self._tables.invitations[invitation.id] = invitation
        self._tables.happenings += happenings
        return True


class MemoryMailTokens:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, token_id: MailTokenId) -> MailToken | None:
        return self._tables.mail_tokens.get(token_id)

    async def by_token(self, token_hash: bytes) -> MailToken | None:
        return next((one for one in self._tables.mail_tokens.values() if one.token_hash == token_hash), None)

    async def add(self, record: MailToken, *happenings: Happening) -> bool:
        if record.id in self._tables.mail_tokens:
            return False
        self._tables.mail_tokens[record.id] = record
        self._tables.happenings += happenings
        return True

    async def save(self, record: MailToken, *happenings: Happening) -> bool:
        if not _is_next(self._tables.mail_tokens.get(record.id), record):
            return False
        self._tables.mail_tokens[record.id] = record
        self._tables.happenings += happenings
        return True


class MemorySessions:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, session_id: SessionId) -> Session | None:
        await asyncio.sleep(0)  # where the real one waits for the network and others get their turn
        return self._tables.sessions.get(session_id)

    async def standing(self, session_id: SessionId) -> Standing | None:
        session = self._tables.sessions.get(session_id)
        user = None if session is None else self._tables.users.get(session.user_id)
        if session is None or user is None:
            return None
        memberships = await MemoryMemberships(self._tables).of_user(user.id)
        return Standing(session=session, user=user, memberships=memberships)

    async def open_of(self, user_id: UserId) -> list[Session]:
        return [one for one in self._tables.sessions.values() if one.user_id == user_id and one.ended_at is None]

    async def page_of(self, user_id: UserId, now: datetime, *, after: SessionId | None, limit: int) -> list[Session]:
        found = [one for one in await self.open_of(user_id) if one.expires_at > now]
        found.sort(key=lambda one: one.id, reverse=True)
        return [one for one in found if after is None or one.id < after][:limit]

    async def add(self, session: Session) -> None:
        self._tables.sessions[session.id] = session

    async def save(self, session: Session, *happenings: Happening) -> bool:
        if not _is_next(self._tables.sessions.get(session.id), session):
            return False
        self._tables.sessions[session.id] = session
        self._tables.happenings += happenings
        return True


def _is_next(stored: Any, saved: Any) -> bool:
    return stored is not None and bool(stored.version == saved.version - 1)


class MemoryStores:
    """Fake of `service.ports.Stores`."""

    def __init__(self, tables: Tables) -> None:
        self.users = MemoryUsers(tables)
        self.workspaces = MemoryWorkspaces(tables)
        self.memberships = MemoryMemberships(tables)
        self.roles = MemoryRoles(tables)
        self.audit = MemoryAudit(tables)
        self.answers = MemoryAnswers(tables)
        self.invitations = MemoryInvitations(tables)
        self.mail_tokens = MemoryMailTokens(tables)
        self.sessions = MemorySessions(tables)


class MemoryDatabase(MemoryStores):
    """Fake of `service.ports.Database`: one transaction at a time, undone when it raises."""

    def __init__(self) -> None:
        self.tables = Tables()
        super().__init__(self.tables)
        self._one_at_a_time = asyncio.Lock()

    @property
    def happenings(self) -> list[Happening]:
        """What was written for the world to know, in order."""
        return self.tables.happenings

    async def atomically(self, work: Callable[[Stores], Awaitable[T]]) -> T:
        async with self._one_at_a_time:
            saved = self.tables.copy()
            try:
                return await work(MemoryStores(self.tables))
            except BaseException:
                self.tables.restore(saved)
                raise


class MemoryLiveSessions:
    """Fake of `service.ports.LiveSessions`; `reachable` is its network."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self._entries: dict[SessionId, tuple[UserId, datetime]] = {}
        self.reachable = True

    def _ask(self) -> None:
        if not self.reachable:
            raise unavailable("The session store cannot be reached.")

    def lose_everything(self) -> None:
        self._entries.clear()

    async def put(self, session: Session) -> None:
        self._ask()
        self._entries[session.id] = (session.user_id, session.expires_at)

    async def owner(self, session_id: SessionId) -> UserId | None:
        self._ask()
        user_id, expires_at = self._entries.get(session_id, (None, self._clock.now()))
        return user_id if expires_at > self._clock.now() else None

    async def prolong(self, session: Session) -> bool:
        if await self.owner(session.id) is None:
            return False
        self._entries[session.id] = (session.user_id, session.expires_at)
        return True

    async def drop(self, session_ids: Collection[SessionId]) -> None:
        self._ask()
        for session_id in session_ids:
            self._entries.pop(session_id, None)


class MemoryAttempts:
    """Fake of `service.ports.Attempts`, without windows."""

    def __init__(
        self,
        *,
        account: int = 50,
        pair: int = 10,
        address: int = 100,
        registrations: int = 1000,
        invitations: int = 200,
        taken: int = 100,
        mails: int = 5,
        mails_address: int = 100,
    ) -> None:
        self._limits = {
            "account": account,
            "pair": pair,
            "address": address,
            "register": registrations,
            "invite": invitations,
            "taken": taken,
            "mail": mails,
            "mails": mails_address,
        }
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._known: set[tuple[str, str]] = set()

    def _count(self, *counters: tuple[str, ...]) -> None:
        if any(self._counts[counter] >= self._limits[counter[0]] for counter in counters):
            raise errors.too_many_attempts(timedelta(minutes=1))
        self._counts.update(counters)

    def _counters(self, account: str, address: str | None) -> list[tuple[str, ...]]:
        counters: list[tuple[str, ...]] = []
        if address is None or (account, address) not in self._known:
            counters.append(("account", account))
        if address is not None:
            counters += [("pair", account, address), ("address", address)]
        return counters

    async def begin_login(self, account: str, address: str | None) -> None:
        self._count(*self._counters(account, address))

    async def login_succeeded(self, account: str, address: str | None) -> None:
        self._counts.subtract(self._counters(account, address))
        if address is not None:
            self._counts[("pair", account, address)] = 0
            self._known.add((account, address))

    async def begin_registration(self, address: str | None) -> None:
        if address is not None:
            self._count(("register", address), ("taken", address))

    async def registration_succeeded(self, address: str | None) -> None:
        if address is not None:
            self._counts.subtract([("taken", address)])

    async def begin_mail(self, email: str, address: str | None) -> None:
        self._count(("mail", email), *([] if address is None else [("mails", address)]))

    async def begin_invitation(self, inviter: UserId) -> None:
        self._count(("invite", str(inviter)))


class PlainHasher:
    """Fake of `service.ports.PasswordHasher` that shows what it was asked."""

    def __init__(self) -> None:
        self.checked: list[str | None] = []
        self.current = "v2"

    async def hash(self, password: str) -> str:
        return f"{self.current}:{password}"

    async def verify(self, hashed: str | None, password: str) -> bool:
        self.checked.append(hashed)
        return hashed is not None and hashed.partition(":")[2] == password

    def outdated(self, hashed: str) -> bool:
        return not hashed.startswith(self.current)


class ListedTokens:
    """Fake of `service.ports.AccessTokens`: remembers what it minted."""

    def __init__(self) -> None:
        self._minted: dict[str, AccessClaims] = {}

    @property
    def minted(self) -> Mapping[str, AccessClaims]:
        return self._minted

    def mint(self, user_id: UserId, session_id: SessionId, now: datetime, life: timedelta) -> str:
        token = f"access-{len(self._minted) + 1}"
        self._minted[token] = AccessClaims(user_id=user_id, session_id=session_id, expires_at=now + life)
        return token

    def verify(self, token: str, now: datetime) -> AccessClaims:
        claims = self._minted.get(token)
        if claims is None:
            raise errors.token_invalid()
        if claims.expires_at <= now:
            raise errors.token_expired()
        return claims
