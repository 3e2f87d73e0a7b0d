"""The auth service's use cases over fakes, and short ways to the states that tests start from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from proto.permissions import Permission, Role
from subgraphs.auth.domain.happenings import MailTokenIssued, UserInvited
from subgraphs.auth.domain.roles import Asked, CustomRole
from subgraphs.auth.domain.sessions import Client, Lives
from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from subgraphs.auth.schema.context import UseCases
from subgraphs.auth.service.audit import AuditLog, Recorder
from subgraphs.auth.service.credentials import Credentials
from subgraphs.auth.service.invitations import Inviting, Joining
from subgraphs.auth.service.mail_tokens import MailedTokens
from subgraphs.auth.service.memberships import Members
from subgraphs.auth.service.placing import Placing
from subgraphs.auth.service.roles import CustomRoles
from subgraphs.auth.service.sessions import Logins
from subgraphs.auth.service.users import Accounts, Registration
from subgraphs.auth.service.workspaces import Tenants
from tests.testkit.auth_memory import (
    CountingIds,
    CountingSecrets,
    HandClock,
    ListedTokens,
    MemoryAttempts,
    MemoryDatabase,
    MemoryLiveSessions,
    PlainHasher,
)

PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"
HOME = Client(address=ADDRESS, agent="Firefox")
BUILT_IN = tuple(role for role in Role if role is not Role.CUSTOM)
COMMON_PASSWORDS = frozenset({"password1234"})
ADA = Registration(email="ada@example.com", password=PASSWORD, display_name="Ada")


@dataclass(slots=True)
class World:
    """Everything that a test of a use case touches."""

    clock: HandClock = field(default_factory=HandClock)
    ids: CountingIds = field(default_factory=CountingIds)
    secrets: CountingSecrets = field(default_factory=CountingSecrets)
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    hasher: PlainHasher = field(default_factory=PlainHasher)
    tokens: ListedTokens = field(default_factory=ListedTokens)
    attempts: MemoryAttempts = field(default_factory=MemoryAttempts)
    lives: Lives = field(default_factory=Lives)
    live: MemoryLiveSessions = field(init=False)

    def __post_init__(self) -> None:
        self.live = MemoryLiveSessions(self.clock)

    @property
    def joining(self) -> Joining:
        return Joining(placing=self.placing, recorder=self.recorder, clock=self.clock)

    @property
    def placing(self) -> Placing:
        return Placing(clock=self.clock, new_id=self.ids)

    @property
    def recorder(self) -> Recorder:
        return Recorder(clock=self.clock, new_id=self.ids)

    @property
    def mailed(self) -> MailedTokens:
        return MailedTokens(clock=self.clock, new_secret=self.secrets)

    @property
    def credentials(self) -> Credentials:
        return Credentials(
            database=self.database,
            live=self.live,
            hasher=self.hasher,
            attempts=self.attempts,
            mailed=self.mailed,
            common_passwords=COMMON_PASSWORDS,
            clock=self.clock,
        )

    @property
    def accounts(self) -> Accounts:
        return Accounts(
            database=self.database,
            hasher=self.hasher,
            attempts=self.attempts,
            joining=self.joining,
            mailed=self.mailed,
            common_passwords=COMMON_PASSWORDS,
            clock=self.clock,
            new_id=self.ids,
        )

    @property
    def tenants(self) -> Tenants:
        return Tenants(
            database=self.database,
            placing=self.placing,
            recorder=self.recorder,
            clock=self.clock,
            new_id=self.ids,
        )

    @property
    def members(self) -> Members:
        return Members(database=self.database, placing=self.placing, recorder=self.recorder)

    @property
    def roles(self) -> CustomRoles:
        return CustomRoles(
            database=self.database,
            placing=self.placing,
            recorder=self.recorder,
            clock=self.clock,
            new_id=self.ids,
        )

    @property
    def audit(self) -> AuditLog:
        return AuditLog(database=self.database)

    @property
    def inviting(self) -> Inviting:
        return Inviting(
            database=self.database,
            attempts=self.attempts,
            joining=self.joining,
            recorder=self.recorder,
            clock=self.clock,
            new_id=self.ids,
            new_secret=self.secrets,
        )

    @property
    def logins(self) -> Logins:
        return Logins(
            database=self.database,
            live=self.live,
            attempts=self.attempts,
            hasher=self.hasher,
            tokens=self.tokens,
            clock=self.clock,
            new_id=self.ids,
            new_secret=self.secrets,
            lives=self.lives,
        )

    @property
    def use_cases(self) -> UseCases:
        return UseCases(
            accounts=self.accounts,
            credentials=self.credentials,
            logins=self.logins,
            tenants=self.tenants,
            members=self.members,
            roles=self.roles,
            audit=self.audit,
            inviting=self.inviting,
        )

    async def person(self, name: str = "ada", invitation_token: str | None = None) -> User:
        asked = replace(ADA, email=f"{name}@example.com", display_name=name.title(), invitation_token=invitation_token)
        user, _ = await self.accounts.register(asked, ADDRESS)
        return user

    def mailed_token(self) -> str:
        """The token in the last mail with a link that was asked for."""
        issued = [one for one in self.database.happenings if isinstance(one, MailTokenIssued)]
        return issued[-1].token

    async def invitation_token(self, workspace: Workspace, inviter: User, email: str, role: Asked = Role.MEMBER) -> str:
        await self.inviting.invite(inviter.id, workspace.id, email, role)
        invited = self.database.happenings[-1]
        assert isinstance(invited, UserInvited)
        return invited.token

    async def role(
        self, workspace: Workspace, maker: User, *permissions: Permission, name: str = "Tester"
    ) -> CustomRole:
        return await self.roles.create(maker.id, workspace.id, name, permissions)

    async def member(self, workspace: Workspace, inviter: User, name: str, role: Asked = Role.MEMBER) -> User:
        user = await self.person(name)
        await self.inviting.accept(user.id, await self.invitation_token(workspace, inviter, user.email, role))
        return await self.accounts.profile(user.id)
