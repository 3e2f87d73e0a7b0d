"""Whose rows a request may touch, and how the replica of memberships is kept.

Invariant: a caller's workspaces come from the verified token; only where it lacks one (just created, just joined) the
replica is asked, then the owner once, whose answer is stored. An older event never undoes a newer state.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import TypeVar, cast
from uuid import UUID

from kit.errors import DomainError, Kind
from kit.idempotency import AlreadyAnswered, KeyUse
from proto.permissions import Permission
from subgraphs.task.domain.memberships import Caller, Membership, Rights
from subgraphs.task.errors import forbidden, not_members
from subgraphs.task.service.ports import Directory, Store

T = TypeVar("T")


class MembersUnknown(Exception):
    """Users whom the replica does not know as members; the transaction must end before the owner is asked."""

    def __init__(self, field: str, workspace_id: UUID, user_ids: Sequence[UUID]) -> None:
        super().__init__(field)
        self.field = field
        self.workspace_id = workspace_id
        self.user_ids = user_ids


def require(caller: Caller, permission: Permission, workspace_id: UUID) -> None:
    """Refuses what the caller's role does not allow.

    Raises:
        DomainError: FORBIDDEN.
    """
    if not caller.may(permission, workspace_id):
        raise forbidden(permission)


def require_members(field: str, workspace_id: UUID, wanted: Collection[UUID], known: Collection[UUID]) -> None:
    """Raises MembersUnknown when somebody wanted is not known to be a member."""
    unknown = [user_id for user_id in wanted if user_id not in known]
    if unknown:
        raise MembersUnknown(field, workspace_id, unknown)


class Memberships:
    """The replica and, behind it, the owner."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def of_user(self, user_id: UUID) -> dict[UUID, Rights]:
        """Where the replica knows the user as a member."""
        async with self._store.read((), user_id=user_id) as work:
            return await work.memberships.of_user(user_id)

    async def ask_owner(self, workspace_id: UUID, user_id: UUID) -> Rights | None:
        """The rights that the owner says, which are kept for the next time."""
        membership = await self._directory.membership(workspace_id, user_id)
        if membership is None or membership.role is None:
            return None
        async with self._store.write([workspace_id]) as work:
            await work.memberships.put(membership)
        return membership.rights

    async def learn(self, unknown: MembersUnknown) -> None:
        """Asks the owner about the users.

        Raises:
            DomainError: NOT_A_MEMBER, naming those who are not members; unavailable when the owner cannot be asked.
        """
        strangers = [
            user_id for user_id in unknown.user_ids if await self.ask_owner(unknown.workspace_id, user_id) is None
        ]
        if strangers:
            raise not_members(unknown.field, strangers)

    async def apply(self, event_id: UUID, membership: Membership) -> bool:
        """Takes over what an event says; False when it was known already or is older than what is known."""
        async with self._store.write([membership.workspace_id]) as work:
            if not await work.inbox.take(event_id):
                return False
            applied = await work.memberships.put(membership)
            if not applied:
                await work.inbox.mark_ignored(event_id)
            elif membership.role is None:
                # Whoever comes back later must be let into private projects anew.
                await work.projects.forget_member(membership.workspace_id, membership.user_id)
            return applied


class Viewer:
    """The caller of one request. What was learnt of their memberships holds for the rest of the request.

    A `fixed` one, for a service that acts in one workspace, never sees more than it was made with.
    """

    def __init__(self, caller: Caller, memberships: Memberships, *, fixed: bool = False) -> None:
        self.caller = caller
        self._memberships = memberships
        self._fixed = fixed
        self._asked_replica = fixed
        self._asked_owner: set[UUID] = set()

    async def enter(self, workspace_id: UUID) -> bool:
        """Whether the caller belongs to the workspace, whatever it takes to know that."""
        if workspace_id in self.caller.rights or self._fixed:
            return workspace_id in self.caller.rights
        await self.widen()
        if workspace_id not in self.caller.rights and workspace_id not in self._asked_owner:
            self._asked_owner.add(workspace_id)
            rights = await self._memberships.ask_owner(workspace_id, self.caller.user_id)
            if rights is not None:
                self.caller = self.caller.joined({workspace_id: rights})
        return workspace_id in self.caller.rights

    async def ask_about(self, workspace_id: UUID, user_id: UUID) -> None:
        """Has the owner asked about somebody whom the replica lacks; a member is known to it from then on.

        Raises:
            DomainError: unavailable when the owner cannot be asked.
        """
        await self._memberships.ask_owner(workspace_id, user_id)

    async def widen(self) -> bool:
        """Adds the memberships of the replica that the token lacks; whether there were any."""
        if self._asked_replica:
            return False
        self._asked_replica = True
        wider = self.caller.joined(await self._memberships.of_user(self.caller.user_id))
        gained = wider.workspaces > self.caller.workspaces
        self.caller = wider
        return gained

    async def attempt(self, use_case: Callable[[Caller], Awaitable[T]]) -> T:
        """Runs a use case; once more when a membership or a member was missing that can be learnt.

        A use case is one transaction, so the first run left nothing behind. What an earlier request with the same
        idempotency key was answered is the answer again.
        """
        try:
            try:
                return await self._attempt_knowing_members(use_case)
            except DomainError as error:
                if error.kind is not Kind.NOT_FOUND or not await self.widen():
                    raise
            return await self._attempt_knowing_members(use_case)
        except AlreadyAnswered as done:
            # The key's field and the fingerprint are the same, so it was the same use case.
            return cast("T", done.answer)

    def using(self, use: KeyUse | None) -> "Viewer":
        """The same person, who wants what comes next done once."""
        return Viewer(replace(self.caller, use=use), self._memberships, fixed=self._fixed) if use else self

    async def _attempt_knowing_members(self, use_case: Callable[[Caller], Awaitable[T]]) -> T:
        try:
            return await use_case(self.caller)
        except MembersUnknown as unknown:
            await self._memberships.learn(unknown)
        try:
            return await use_case(self.caller)
        except MembersUnknown as unknown:
            raise not_members(unknown.field, unknown.user_ids) from None
