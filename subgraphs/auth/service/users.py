"""Owns signing up, and who sees whom: oneself, and people one has shared a workspace with. Nobody else exists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container
from dataclasses import dataclass, field, replace

from kit.clock import Clock
from subgraphs.auth import errors
from subgraphs.auth.domain import passwords
from subgraphs.auth.domain.happenings import UserRegistered, UserUpdated
from subgraphs.auth.domain.mail_tokens import Purpose
from subgraphs.auth.domain.users import (
    Profile,
    User,
    UserId,
    check_avatar_url,
    check_locale,
    check_time_zone,
    clean_name,
)
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service import emails
from subgraphs.auth.service.invitations import Joining
from subgraphs.auth.service.mail_tokens import MailedTokens
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
    is_viewer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Use cases of accounts."""

    database: Database
    hasher: PasswordHasher
    attempts: Attempts
    joining: Joining
    mailed: MailedTokens
    common_passwords: Container[str]
    clock: Clock
    new_id: NewId

    async def register(self, asked: Registration, address: str | None) -> tuple[User, Workspace | None]:
        """Signs someone up, and into the workspace of the invitation, both or neither.

        An invitation's token came by mail to this very address, which proves it; otherwise a link that does is mailed.
        That an address is taken is told, but only so often to one place: docs/decisions/0014-accounts-and-roles.md.

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
        hashed = await self.hasher.hash(password)
        proven_at = None if asked.invitation_token is None else draft.created_at
        user = replace(draft, password_hash=hashed, email_verified_at=proven_at)
        workspace = await self._add(user, asked.invitation_token)
        await self.attempts.registration_succeeded(address)
        return user, workspace

    async def _add(self, user: User, token: str | None) -> Workspace | None:
        async def work(stores: Stores) -> Workspace | None:
            await stores.users.add(user, UserRegistered(user=user))
            if token is not None:
                return await self.joining.join(stores, user, token)
            await self.mailed.issue(stores, Purpose.EMAIL_VERIFICATION, user.email, user)
            return None

        return await self.database.atomically(work)

    async def update_profile(self, actor: UserId, change: Callable[[Profile], Profile]) -> User:
        """Changes what the caller says of themselves; nothing changed, nothing told.

        Raises BAD_INPUT, UNAVAILABLE after lost races.
        """

        async def work(stores: Stores) -> User:
            user = await stores.users.get(actor)
            if user is None:
                raise errors.signed_out()
            profile = _checked(change(user.profile))
            if profile == user.profile:
                return user
            changed = user.with_profile(profile)
            if not await stores.users.save(changed, UserUpdated(user=changed)):
                raise errors.contended()
            return changed

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
        return {user.id: seen_by(viewer, user, shares=user.id in shared) for user in found}

    async def _acquainted(self, viewer: UserId, others: set[UserId]) -> tuple[set[UserId], set[UserId]]:
        """Of the others: who has ever been in a workspace of the viewer's, and who is now."""
        if not others:
            return set(), set()
        mine = await self.database.memberships.of_user(viewer)
        workspaces: list[WorkspaceId] = [membership.workspace_id for membership in mine]
        records = await self.database.memberships.within(workspaces, others) if workspaces else []
        return {record.user_id for record in records}, {record.user_id for record in records if record.active}


def seen_by(viewer: UserId, user: User, *, shares: bool = False) -> VisibleUser:
    """The user as the viewer sees them."""
    return VisibleUser(user=user, shows_email=shares or user.id == viewer, is_viewer=user.id == viewer)


def _checked(profile: Profile) -> Profile:
    return Profile(
        display_name=clean_name("displayName", profile.display_name),
        avatar_url=None if profile.avatar_url is None else check_avatar_url(profile.avatar_url),
        locale=check_locale(profile.locale),
        time_zone=check_time_zone(profile.time_zone),
    )
