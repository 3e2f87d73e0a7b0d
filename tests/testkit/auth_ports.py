"""What every implementation of the auth service's ports keeps: fakes and adapters pass the same suites."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kit.errors import DomainError
from kit.idempotency import KeyUse
from kit.ids import new_id
from proto.permissions import Permission, Role
from subgraphs.auth.domain.audit import Action, Entry, EntryId
from subgraphs.auth.domain.happenings import UserRegistered
from subgraphs.auth.domain.invitations import Invitation, InvitationId, State, token_hash
from subgraphs.auth.domain.mail_tokens import MailToken, Purpose, mail_token_hash, mail_token_id
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.refresh import found
from subgraphs.auth.domain.roles import CustomRole, Given, RoleId
from subgraphs.auth.domain.sessions import Ending, Session, SessionId
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.ports import (
    AccessTokens,
    Attempts,
    Database,
    LiveSessions,
    PasswordHasher,
    Standing,
    Stores,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, 123000, UTC)


def a_user(email: str | None = None) -> User:
    user_id = UserId(new_id())
    return User(
        id=user_id,
        email=email or f"{user_id}@example.com",
        display_name="Ada",
        locale="en",
        time_zone="UTC",
        password_hash="hash",
        created_at=NOW,
    )


def a_workspace(slug: str | None = None) -> Workspace:
    workspace_id = WorkspaceId(new_id())
    return Workspace(id=workspace_id, name="Engines", slug=slug or f"w-{workspace_id}"[:40], created_at=NOW)


def a_membership(workspace_id: WorkspaceId | None = None, user_id: UserId | None = None) -> Membership:
    return Membership(
        id=MembershipId(new_id()),
        workspace_id=workspace_id or WorkspaceId(new_id()),
        user_id=user_id or UserId(new_id()),
        role=Role.MEMBER,
        created_at=NOW,
    )


def an_invitation(workspace_id: WorkspaceId | None = None, email: str = "bob@example.com") -> Invitation:
    return Invitation(
        id=InvitationId(new_id()),
        workspace_id=workspace_id or WorkspaceId(new_id()),
        email=email,
        role=Role.GUEST,
        inviter_id=UserId(new_id()),
        token_hash=token_hash(str(new_id())),
        expires_at=NOW + timedelta(days=14),
        created_at=NOW,
    )


def a_role(workspace_id: WorkspaceId | None = None) -> CustomRole:
    return CustomRole(
        id=RoleId(new_id()),
        workspace_id=workspace_id or WorkspaceId(new_id()),
        name="Tester",
        permissions=frozenset({Permission.TASK_CREATE, Permission.COMMENT_ADD}),
        created_at=NOW,
    )


def an_entry(workspace_id: WorkspaceId | None = None) -> Entry:
    return Entry(
        id=EntryId(new_id()),
        workspace_id=workspace_id or WorkspaceId(new_id()),
        at=NOW,
        action=Action.MEMBER_CHANGED,
        actor_id=UserId(new_id()),
        details={"before": "guest", "after": "admin"},
    )


def a_mail_token(user_id: UserId | None = None) -> MailToken:
    email = f"{new_id()}@example.com"
    return MailToken(
        id=mail_token_id(Purpose.PASSWORD_RESET, email),
        purpose=Purpose.PASSWORD_RESET,
        email=email,
        user_id=user_id,
        token_hash=mail_token_hash(str(new_id())),
        expires_at=NOW + timedelta(hours=1),
    )


def a_session(user_id: UserId | None = None, now: datetime = NOW) -> Session:
    session_id = SessionId(new_id())
    family, _ = found(session_id, lambda size: new_id().bytes * (size // 16))
    return Session(
        id=session_id,
        user_id=user_id or UserId(new_id()),
        family=family,
        created_at=now,
        expires_at=now + timedelta(days=14),
    )


class DatabaseSuite:
    """For subclasses that give a fixture `database`."""

    async def test_a_user_is_found_by_id_and_address(self, database: Database) -> None:
        user = a_user()
        await database.users.add(user, UserRegistered(user=user))
        assert await database.users.get(user.id) == user
        assert await database.users.by_email(user.email) == user
        assert await database.users.get_many([user.id, UserId(new_id())]) == [user]
        assert await database.users.get_many([]) == []
        assert await database.users.get(UserId(new_id())) is None

    async def test_of_many_users_with_one_address_one_is_kept(self, database: Database) -> None:
        email = f"{new_id()}@example.com"
        outcomes = await asyncio.gather(*(database.users.add(a_user(email)) for _ in range(10)), return_exceptions=True)
        assert outcomes.count(None) == 1
        assert {outcome.code for outcome in outcomes if isinstance(outcome, DomainError)} == {"EMAIL_TAKEN"}

    async def test_a_hash_is_replaced_only_while_it_is_the_old_one(self, database: Database) -> None:
        user = a_user()
        await database.users.add(user)
        assert await database.users.replace_hash(user.id, "hash", "better")
        assert not await database.users.replace_hash(user.id, "hash", "worse")
        assert await database.users.get(user.id) == replace(user, password_hash="better")

    async def test_of_many_changes_of_an_account_one_is_the_next(self, database: Database) -> None:
        user = a_user()
        await database.users.add(user)
        changed = user.with_password("better", proven_at=NOW)
        outcomes = await asyncio.gather(*(database.users.save(changed) for _ in range(10)))
        assert outcomes.count(True) == 1
        assert await database.users.get(user.id) == changed
        assert not await database.users.save(replace(user, version=7))

    async def test_an_address_has_one_mailed_token_for_a_purpose(self, database: Database) -> None:
        first, nobodys = a_mail_token(UserId(new_id())), a_mail_token()
        assert await database.mail_tokens.add(first)
        assert await database.mail_tokens.add(nobodys)
        second = replace(first, token_hash=mail_token_hash("other"), version=2)
        assert not await database.mail_tokens.add(second)
        assert await database.mail_tokens.by_token(first.token_hash) == first
        assert await database.mail_tokens.save(second)
        assert not await database.mail_tokens.save(second)
        assert await database.mail_tokens.by_token(first.token_hash) is None
        assert await database.mail_tokens.get(first.id) == second
        assert await database.mail_tokens.get(nobodys.id) == nobodys
        used, _ = second.used(NOW)
        assert await database.mail_tokens.save(used)
        assert await database.mail_tokens.by_token(second.token_hash) == used

    async def test_a_slug_belongs_to_one_workspace(self, database: Database) -> None:
        workspace = a_workspace()
        await database.workspaces.add(workspace)
        with pytest.raises(DomainError) as refused:
            await database.workspaces.add(a_workspace(workspace.slug))
        assert refused.value.code == "SLUG_TAKEN"
        assert await database.workspaces.get_many([workspace.id]) == [workspace]
        assert await database.workspaces.get_many([]) == []

    async def test_only_the_next_version_is_written(self, database: Database) -> None:
        workspace = a_workspace()
        await database.workspaces.add(workspace)
        outcomes = await asyncio.gather(
            *(database.workspaces.save(workspace.with_people(owners=1, members=1)) for _ in range(10))
        )
        assert outcomes.count(True) == 1
        assert await database.workspaces.get(workspace.id) == workspace.with_people(owners=1, members=1)
        assert not await database.workspaces.save(replace(workspace, version=7))

    async def test_a_person_has_one_record_in_a_workspace(self, database: Database) -> None:
        membership = a_membership()
        await database.memberships.add(membership)
        with pytest.raises(DomainError) as refused:
            await database.memberships.add(a_membership(membership.workspace_id, membership.user_id))
        assert refused.value.code == "EXISTS"
        assert await database.memberships.find(membership.workspace_id, membership.user_id) == membership
        assert await database.memberships.find(membership.workspace_id, UserId(new_id())) is None

    async def test_lists_hold_the_active_ones_in_the_order_of_joining(self, database: Database) -> None:
        workspace_id, user_id = WorkspaceId(new_id()), UserId(new_id())
        members = [a_membership(workspace_id) for _ in range(4)] + [a_membership(workspace_id, user_id)]
        elsewhere = a_membership(user_id=user_id)
        for membership in [*members, elsewhere]:
            await database.memberships.add(membership)
        assert await database.memberships.save(members[1].with_role(None))
        active = [members[0], *members[2:]]
        listed = database.memberships.of_workspace
        assert await listed(workspace_id, after=None, limit=10) == active
        assert await listed(workspace_id, after=active[0].id, limit=2) == active[1:3]
        assert await listed(workspace_id, after=active[-1].id, limit=2) == []
        assert await database.memberships.of_user(user_id) == [members[-1], elsewhere]

    async def test_within_finds_also_those_that_have_ended(self, database: Database) -> None:
        membership = a_membership()
        await database.memberships.add(membership)
        ended = membership.with_role(None)
        assert await database.memberships.save(ended)
        within = database.memberships.within
        assert await within([membership.workspace_id], [membership.user_id, UserId(new_id())]) == [ended]
        assert await within([WorkspaceId(new_id())], [membership.user_id]) == []
        assert await within([], [membership.user_id]) == await within([membership.workspace_id], []) == []

    async def test_everyone_of_a_workspace_or_with_a_role(self, database: Database) -> None:
        workspace_id, role_id = WorkspaceId(new_id()), RoleId(new_id())
        given = Given(role=Role.CUSTOM, role_id=role_id, named=frozenset({Permission.TASK_CREATE}))
        members = [a_membership(workspace_id) for _ in range(4)]
        for member in [*members, a_membership()]:
            await database.memberships.add(member)
        ended, held, left, suspended = (
            members[0].with_role(None),
            members[1].with_role(given),
            members[2].with_role(given),
            members[3].with_suspended(True),
        )
        for member in (ended, held, left, suspended):
            assert await database.memberships.save(member)
        left = left.with_role(None)
        assert await database.memberships.save(left)
        assert await database.memberships.everyone(workspace_id) == [ended, held, left, suspended]
        assert await database.memberships.everyone(workspace_id, role_id=role_id) == [held]
        assert await database.memberships.of_workspace(workspace_id, after=None, limit=10) == [held]
        assert await database.memberships.of_user(suspended.user_id) == []

    async def test_a_role_has_a_name_of_its_own_in_its_workspace(self, database: Database) -> None:
        first, elsewhere = a_role(), a_role()
        await database.roles.add(first)
        await database.roles.add(elsewhere)
        second = replace(a_role(first.workspace_id), name="Other")
        await database.roles.add(second)
        for write in (
            database.roles.add(replace(a_role(first.workspace_id), name="TESTER")),
            database.roles.save(second.changed("tester", second.permissions)),
        ):
            with pytest.raises(DomainError) as refused:
                await write
            assert refused.value.code == "EXISTS"
        assert await database.roles.of_workspace(first.workspace_id) == [first, second]
        changed = first.with_members(1)
        outcomes = await asyncio.gather(*(database.roles.save(changed) for _ in range(5)))
        assert outcomes.count(True) == 1
        assert not await database.roles.remove(first)
        assert await database.roles.remove(changed)
        assert await database.roles.get(first.id) is None
        assert await database.roles.get(second.id) == second

    async def test_audit_entries_are_listed_newest_first(self, database: Database) -> None:
        workspace_id = WorkspaceId(new_id())
        entries = [an_entry(workspace_id) for _ in range(3)]
        for entry in [*entries, an_entry()]:
            await database.audit.add(entry)
        page = database.audit.page
        assert await page(workspace_id, after=None, limit=10) == entries[::-1]
        assert await page(workspace_id, after=entries[2].id, limit=1) == [entries[1]]
        assert await page(workspace_id, after=entries[0].id, limit=10) == []

    async def test_a_workspace_is_found_by_its_slug_and_keeps_to_itself(self, database: Database) -> None:
        first, second = a_workspace(), a_workspace()
        await database.workspaces.add(first)
        await database.workspaces.add(second)
        assert await database.workspaces.by_slug(first.slug) == first
        with pytest.raises(DomainError) as refused:
            await database.workspaces.save(second.renamed("Looms", first.slug))
        assert refused.value.code == "SLUG_TAKEN"
        deleted = first.with_deleted(NOW)
        assert await database.workspaces.save(deleted)
        assert await database.workspaces.get(first.id) == deleted
        assert await database.workspaces.by_slug("no-such-slug") is None

    async def test_invitations_are_listed_found_by_either_token_and_by_their_role(self, database: Database) -> None:
        workspace_id, role_id = WorkspaceId(new_id()), RoleId(new_id())
        invitations = [an_invitation(workspace_id, f"{number}@example.com") for number in range(3)]
        for invitation in [*invitations, an_invitation()]:
            assert await database.invitations.add(invitation)
        first, second, third = invitations
        reminded = first.reminded(token_hash(str(new_id())), NOW)
        assert await database.invitations.save(reminded)
        assert await database.invitations.by_token(first.token_hash) == reminded
        assert await database.invitations.by_token(reminded.token_hash) == reminded
        given = Given(role=Role.CUSTOM, role_id=role_id)
        custom, over = second.for_role(given), third.for_role(given)
        for invitation in (custom, over):
            assert await database.invitations.save(invitation)
        over = over.ended(State.REVOKED)
        assert await database.invitations.save(over)
        assert await database.invitations.with_role(role_id) == [custom]
        page = database.invitations.page
        assert await page(workspace_id, after=None, limit=10) == [over, custom, reminded]
        assert await page(workspace_id, after=over.id, limit=1) == [custom]
        assert await database.invitations.get(first.id) == reminded
        assert await database.invitations.get(InvitationId(new_id())) is None

    async def test_an_invitation_that_was_over_is_not_pending_beside_another(self, database: Database) -> None:
        first = an_invitation()
        assert await database.invitations.add(first)
        expired = first.ended(State.EXPIRED)
        assert await database.invitations.save(expired)
        assert await database.invitations.add(an_invitation(first.workspace_id, first.email))
        again = expired.renewed(given=Given(role=Role.GUEST), inviter_id=first.inviter_id, token_hash=b"new", now=NOW)
        assert not await database.invitations.save(again)

    async def test_an_answer_is_read_as_it_was_kept_and_belongs_to_its_owner_and_key(self, database: Database) -> None:
        given = Given(role=Role.CUSTOM, role_id=RoleId(new_id()), named=frozenset({Permission.TASK_CREATE}))
        user, workspace, member = a_user(), a_workspace(), a_membership().with_role(given)
        answers: dict[str, object] = {
            "one": workspace,
            "two": (workspace, member),
            "three": replace(an_invitation(), earlier_hash=b"\xff\x00", reminded_at=NOW),
            "four": a_role(),
            "five": replace(user, password_hash=""),
        }
        owner, key = f"user:{new_id()}", "a key"
        for field, answer in answers.items():
            use = KeyUse(owner=owner, key=key, field=field, fingerprint=b"\xff")
            await database.answers.keep(use, answer)
        kept = await database.answers.under(owner, key)
        assert {one.field: one.answer for one in kept} == answers
        assert {one.fingerprint for one in kept} == {b"\xff"}
        assert await database.answers.under(owner, "another") == await database.answers.under("user:x", key) == []

    async def test_an_address_has_one_pending_invitation_to_a_workspace(self, database: Database) -> None:
        first = an_invitation()
        assert await database.invitations.add(first)
        assert not await database.invitations.add(an_invitation(first.workspace_id, first.email))
        assert await database.invitations.pending(first.workspace_id, first.email) == first
        assert await database.invitations.by_token(first.token_hash) == first
        user = a_user(first.email)
        accepted = first.accepted(user, NOW)
        assert await database.invitations.save(accepted)
        assert not await database.invitations.save(accepted)
        assert await database.invitations.pending(first.workspace_id, first.email) is None
        assert await database.invitations.by_token(first.token_hash) == accepted
        assert await database.invitations.add(an_invitation(first.workspace_id, first.email))

    async def test_a_session_is_kept_with_its_end(self, database: Database) -> None:
        session = a_session()
        other = a_session(session.user_id)
        await database.sessions.add(session)
        await database.sessions.add(other)
        ended = session.ended(Ending.LOGOUT, NOW)
        outcomes = await asyncio.gather(*(database.sessions.save(ended) for _ in range(10)))
        assert outcomes.count(True) == 1
        assert await database.sessions.get(session.id) == ended
        assert await database.sessions.open_of(session.user_id) == [other]
        assert await database.sessions.get(SessionId(new_id())) is None

    async def test_open_sessions_are_listed_newest_first(self, database: Database) -> None:
        user_id = UserId(new_id())
        sessions = [a_session(user_id) for _ in range(4)]
        for session in [*sessions, a_session()]:
            await database.sessions.add(session)
        assert await database.sessions.save(sessions[1].ended(Ending.REVOKED, NOW))
        oldest, second, newest = sessions[0], sessions[2], sessions[3]
        page = database.sessions.page_of
        assert await page(user_id, NOW, after=None, limit=10) == [newest, second, oldest]
        assert await page(user_id, NOW, after=newest.id, limit=1) == [second]
        assert await page(user_id, NOW, after=oldest.id, limit=10) == []
        assert await page(user_id, newest.expires_at, after=None, limit=10) == []

    async def test_a_session_stands_with_its_person_and_active_memberships(self, database: Database) -> None:
        user = a_user()
        session, orphan = a_session(user.id), a_session()
        here, left, there = (a_membership(user_id=user.id) for _ in range(3))
        await database.users.add(user, UserRegistered(user=user))
        for one in (session, orphan):
            await database.sessions.add(one)
        for membership in (here, left, there, a_membership(here.workspace_id)):
            await database.memberships.add(membership)
        assert await database.memberships.save(left.with_role(None))
        standing = database.sessions.standing
        assert await standing(session.id) == Standing(session=session, user=user, memberships=[here, there])
        assert await standing(orphan.id) is None
        assert await standing(SessionId(new_id())) is None

    async def test_what_raises_in_a_transaction_leaves_nothing(self, database: Database) -> None:
        user, workspace = a_user(), a_workspace()

        async def work(stores: Stores) -> None:
            await stores.users.add(user, UserRegistered(user=user))
            await stores.workspaces.add(workspace)
            raise DomainError.of("NOT_FOUND", "Changed its mind.")

        with pytest.raises(DomainError, match="Changed its mind"):
            await database.atomically(work)
        assert await database.users.get(user.id) is None
        assert await database.workspaces.get(workspace.id) is None

    async def test_a_transaction_sees_what_it_wrote_and_commits_all_of_it(self, database: Database) -> None:
        user, workspace = a_user(), a_workspace()

        async def work(stores: Stores) -> bool:
            await stores.users.add(user)
            await stores.workspaces.add(workspace)
            return await stores.users.by_email(user.email) == user

        assert await database.atomically(work)
        assert await database.users.get(user.id) == user
        assert await database.workspaces.get(workspace.id) == workspace

    async def test_transactions_that_meet_are_as_if_one_came_after_the_other(self, database: Database) -> None:
        workspace = a_workspace()
        await database.workspaces.add(workspace)

        async def work(stores: Stores) -> bool:
            current = await stores.workspaces.get(workspace.id)
            assert current is not None
            return await stores.workspaces.save(current.with_people(owners=1, members=1))

        assert await asyncio.gather(*(database.atomically(work) for _ in range(8))) == [True] * 8
        current = await database.workspaces.get(workspace.id)
        assert current is not None
        assert (current.owners, current.version) == (9, 9)


class LiveSessionsSuite:
    """For subclasses that give fixtures `live` and `now`."""

    async def test_an_entry_is_there_until_it_is_dropped(self, live: LiveSessions, now: datetime) -> None:
        session, other = a_session(now=now), a_session(now=now)
        await live.put(session)
        await live.put(other)
        assert await live.owner(session.id) == session.user_id
        await live.drop([session.id])
        await live.drop([session.id])
        await live.drop([])
        assert await live.owner(session.id) is None
        assert await live.owner(other.id) == other.user_id

    async def test_an_entry_that_is_gone_is_not_prolonged(self, live: LiveSessions, now: datetime) -> None:
        session = a_session(now=now)
        assert not await live.prolong(session)
        assert await live.owner(session.id) is None
        await live.put(session)
        assert await live.prolong(session)


class AttemptsSuite:
    """For subclasses that give a fixture `attempts` with the limits account 5, pair 2, address 8, registrations,
    invitations and mails 2, taken 1, mails from an address 3."""

    async def _refused(self, attempts: Attempts, account: str, address: str | None) -> bool:
        try:
            await attempts.begin_login(account, address)
        except DomainError as error:
            return error.code == "RATE_LIMITED" and error.fields["retryAfter"] >= 1
        return False

    async def _refusals(self, attempts: Attempts, tries: int, account: str, address: str | None) -> list[bool]:
        return [await self._refused(attempts, account, address) for _ in range(tries)]

    async def test_one_account_from_one_address(self, attempts: Attempts) -> None:
        account = str(new_id())
        assert await self._refusals(attempts, 3, account, "192.0.2.1") == [False, False, True]
        assert not await self._refused(attempts, account, "192.0.2.2")
        assert not await self._refused(attempts, str(new_id()), "192.0.2.1")

    async def test_many_accounts_from_one_address(self, attempts: Attempts) -> None:
        tries = [await self._refused(attempts, str(new_id()), "192.0.2.3") for _ in range(9)]
        assert tries == [False] * 8 + [True]

    async def test_one_account_from_many_addresses_spares_those_its_owner_uses(self, attempts: Attempts) -> None:
        account = str(new_id())
        await attempts.begin_login(account, "198.51.100.1")
        await attempts.login_succeeded(account, "198.51.100.1")
        tries = [await self._refused(attempts, account, f"203.0.113.{number}") for number in range(6)]
        assert tries == [False] * 5 + [True]
        assert not await self._refused(attempts, account, "198.51.100.1")

    async def test_a_success_takes_its_attempt_back(self, attempts: Attempts) -> None:
        account = str(new_id())
        for _ in range(20):
            await attempts.begin_login(account, "192.0.2.4")
            await attempts.login_succeeded(account, "192.0.2.4")
        assert await self._refusals(attempts, 3, account, "192.0.2.4") == [False, False, True]

    async def test_without_an_address_the_account_alone_counts(self, attempts: Attempts) -> None:
        assert await self._refusals(attempts, 6, str(new_id()), None) == [False] * 5 + [True]

    async def test_many_at_once_do_not_slip_through(self, attempts: Attempts) -> None:
        account = str(new_id())
        outcomes = await asyncio.gather(*(self._refused(attempts, account, "192.0.2.5") for _ in range(20)))
        assert outcomes.count(False) == 2

    async def test_registrations_count_by_address(self, attempts: Attempts) -> None:
        for _ in range(2):
            await attempts.begin_registration("192.0.2.6")
            await attempts.registration_succeeded("192.0.2.6")
        await attempts.begin_registration("192.0.2.7")
        await attempts.begin_registration(None)
        with pytest.raises(DomainError) as refused:
            await attempts.begin_registration("192.0.2.6")
        assert refused.value.code == "RATE_LIMITED"

    async def test_registrations_that_met_a_taken_address_count_by_themselves(self, attempts: Attempts) -> None:
        await attempts.begin_registration("192.0.2.8")
        with pytest.raises(DomainError) as refused:
            await attempts.begin_registration("192.0.2.8")
        assert refused.value.code == "RATE_LIMITED"
        await attempts.registration_succeeded("192.0.2.8")
        await attempts.registration_succeeded(None)
        await attempts.begin_registration("192.0.2.8")

    async def test_mails_count_by_their_address_and_by_where_they_are_asked_for(self, attempts: Attempts) -> None:
        email = str(new_id())
        for _ in range(2):
            await attempts.begin_mail(email, "192.0.2.9")
        outcomes = []
        for one, address in ((email, None), (str(new_id()), "192.0.2.9"), (str(new_id()), "192.0.2.9")):
            try:
                await attempts.begin_mail(one, address)
            except DomainError as error:
                outcomes.append(error.code)
            else:
                outcomes.append("ok")
        assert outcomes == ["RATE_LIMITED", "ok", "RATE_LIMITED"]

    async def test_invitations_count_by_person(self, attempts: Attempts) -> None:
        ada, bob = UserId(new_id()), UserId(new_id())
        for _ in range(2):
            await attempts.begin_invitation(ada)
        await attempts.begin_invitation(bob)
        with pytest.raises(DomainError) as refused:
            await attempts.begin_invitation(ada)
        assert refused.value.code == "RATE_LIMITED"


class HasherSuite:
    """For subclasses that give a fixture `hasher`."""

    async def test_a_hash_knows_its_password_and_no_other(self, hasher: PasswordHasher) -> None:
        hashed = await hasher.hash("correct horse battery")
        assert await hasher.verify(hashed, "correct horse battery")
        assert not await hasher.verify(hashed, "correct horse batterx")
        assert not hasher.outdated(hashed)

    async def test_without_a_hash_nothing_fits(self, hasher: PasswordHasher) -> None:
        assert not await hasher.verify(None, "")
        assert not await hasher.verify(None, "correct horse battery")


class TokensSuite:
    """For subclasses that give a fixture `tokens`."""

    def test_claims_come_out_as_they_went_in(self, tokens: AccessTokens) -> None:
        user_id, session_id = UserId(new_id()), SessionId(new_id())
        now = NOW.replace(microsecond=0)
        claims = tokens.verify(tokens.mint(user_id, session_id, now, timedelta(minutes=10)), now)
        assert (claims.user_id, claims.session_id) == (user_id, session_id)
        assert claims.expires_at == now + timedelta(minutes=10)

    def test_a_token_dies_with_its_life(self, tokens: AccessTokens) -> None:
        token = tokens.mint(UserId(new_id()), SessionId(new_id()), NOW, timedelta(minutes=10))
        with pytest.raises(DomainError) as refused:
            tokens.verify(token, NOW + timedelta(minutes=11))
        assert refused.value.code == "TOKEN_EXPIRED"

    def test_two_tokens_of_a_session_differ(self, tokens: AccessTokens) -> None:
        user_id, session_id = UserId(new_id()), SessionId(new_id())
        one, other = (tokens.mint(user_id, session_id, NOW, timedelta(minutes=10)) for _ in range(2))
        assert one != other

    def test_other_text_is_refused(self, tokens: AccessTokens) -> None:
        for text in ("", "a.b.c", "tfr_abc", "x" * 10_000, "\0", "\ud800"):
            with pytest.raises(DomainError) as refused:
                tokens.verify(text, NOW)
            assert refused.value.code == "TOKEN_INVALID"
