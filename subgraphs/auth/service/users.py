"""Owns signing up, and who sees whom: oneself, and people one has shared a workspace with. Nobody else exists."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field, replace

from kit.clock import Clock
from subgraphs.auth import errors
from subgraphs.auth.domain import passwords
from subgraphs.auth.domain.happenings import UserRegistered
from subgraphs.auth.domain.users import User, UserId, check_locale, check_time_zone, clean_name
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service import emails
from subgraphs.auth.service.invitations import Joining
from subgraphs.auth.service.ports import Attempts, Database, NewId, PasswordHasher, Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What someone gives to sign up."""

    email: str
    password: str = field(repr=False)
    display_name: str
    locale: str = "en"
    time_zone: str = "UTC"
    invitation_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleUser:
    """A person as one viewer sees them."""

    user: User
    shows_email: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Use cases of accounts."""

    database: Database
    hasher: PasswordHasher
    attempts: Attempts
    joining: Joining
    common_passwords: Container[str]
    clock: Clock
    new_id: NewId

    async def register(self, asked: Registration, address: str | None) -> tuple[User, Workspace | None]:
        """Signs someone up, and into the workspace of the invitation, both or neither.

        Raises BAD_INPUT, PASSWORD_WEAK, EMAIL_TAKEN, RATE_LIMITED, or what accepting an invitation raises.
        """
        email = emails.accept(asked.email)
        draft = User(
            id=UserId(self.new_id()),
            email=email,
            display_name=clean_name("displayName", asked.display_name),
            locale=check_locale(asked.locale),
            time_zone=check_time_zone(asked.time_zone),
            password_hash="",
            created_at=self.clock.now(),
        )
        password = passwords.accept(asked.password, email, self.common_passwords)
        await self.attempts.begin_registration(address)
        if await self.database.users.by_email(email) is not None:
            raise errors.email_taken()
        user = replace(draft, password_hash=await self.hasher.hash(password))
        return user, await self._add(user, asked.invitation_token)

    async def _add(self, user: User, token: str | None) -> Workspace | None:
        if token is None:
            await self.database.users.add(user, UserRegistered(user=user))
            return None

        async def work(stores: Stores) -> Workspace:
            await stores.users.add(user, UserRegistered(user=user))
            return await self.joining.join(stores, user, token)

        return await self.database.atomically(work)

    async def profile(self, user_id: UserId) -> User:
        """For our own services. Raises NOT_FOUND."""
        user = await self.database.users.get(user_id)
        if user is None:
            raise errors.not_found("user")
        return user

    async def visible(self, viewer: UserId | None, user_ids: Collection[UserId]) -> dict[UserId, VisibleUser]:
        """Those of the users whom the viewer may see. The e-mail address shows while a workspace is shared."""
        if viewer is None:
            return {}
        wanted = set(user_ids)
        seen, shared = await self._acquainted(viewer, wanted - {viewer})
        found = await self.database.users.get_many(seen | (wanted & {viewer}))
        return {user.id: VisibleUser(user=user, shows_email=user.id == viewer or user.id in shared) for user in found}

    async def _acquainted(self, viewer: UserId, others: set[UserId]) -> tuple[set[UserId], set[UserId]]:
        """Of the others: who has ever been in a workspace of the viewer's, and who is now."""
        if not others:
            return set(), set()
        mine = await self.database.memberships.of_user(viewer)
        workspaces: list[WorkspaceId] = [membership.workspace_id for membership in mine]
        records = await self.database.memberships.within(workspaces, others) if workspaces else []
        return {record.user_id for record in records}, {record.user_id for record in records if record.active}
