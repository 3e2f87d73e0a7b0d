"""What an event makes, and that it makes it once."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from kit.errors import DomainError, Kind, unavailable
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notices import Purpose
from subgraphs.notification.domain.notifications import Category, Entry, Filter
from subgraphs.notification.domain.preferences import Channel, Preferences, QuietHours
from subgraphs.notification.service.links import Links
from subgraphs.notification.service.notices import Announcer
from tests.testkit.notification.fakes import PlainLetters, ScriptedDirectory, Stores, memory_stores
from tests.testkit.notification.samples import (
    ADA,
    BOB,
    EVE,
    NOW,
    PROJECT,
    WORKSPACE,
    ManualClock,
    account_link,
    alert,
    cause,
    device,
    invitation,
    profile,
    remark,
    task,
)
from tests.testkit.notification.suites import LEASE


class World:
    """An announcer on stores that a test can look into."""

    def __init__(self) -> None:
        self.stores: Stores = memory_stores()
        self.clock = ManualClock()
        self.directory = ScriptedDirectory({user: profile(user, name) for user, name in ((ADA, "Ada"), (BOB, "Bob"))})
        self.announcer = Announcer(
            ledger=self.stores.ledger,
            profiles=self.stores.profiles,
            memberships=self.stores.memberships,
            mentions=self.stores.mentions,
            directory=self.directory,
            letters=PlainLetters(),
            preferences=self.stores.preferences,
            subscriptions=self.stores.subscriptions,
            links=Links("https://tasks.example"),
            clock=self.clock,
        )

    async def inbox(self, user_id: object) -> list[Entry]:
        return list(await self.stores.inboxes.page(user_id, Filter(), limit=50, before=None))  # type: ignore[arg-type]

    async def mails(self) -> list[str]:
        return [claim.delivery.recipient for claim in await self.stores.deliveries.claim(NOW, LEASE, 50)]


@pytest.fixture
def world() -> World:
    return World()


class TestTaskAssigned:
    async def test_stands_in_the_inbox_of_the_assignee_and_is_not_mailed(self, world: World) -> None:
        await world.announcer.task_assigned(task(), [BOB], ADA, cause())
        [entry] = await world.inbox(BOB)
        assert entry.notification.title == "Ada assigned ENG-42 to you"
        assert entry.notification.task_id == task().id
        assert await world.mails() == []

    async def test_the_same_event_again_changes_nothing(self, world: World) -> None:
        event = cause()
        for _ in range(3):
            await world.announcer.task_assigned(task(), [BOB], ADA, event)
        assert len(await world.inbox(BOB)) == 1

    async def test_asks_nobody_when_nobody_is_to_be_told(self, world: World) -> None:
        await world.announcer.task_assigned(task(), [ADA], ADA, cause())
        assert world.directory.asked == []

    async def test_an_unknown_person_is_asked_for_once_and_remembered(self, world: World) -> None:
        await world.announcer.task_assigned(task(), [BOB], ADA, cause())
        await world.announcer.task_assigned(task(), [BOB], ADA, cause())
        assert sorted(world.directory.asked) == sorted([ADA, BOB])

    async def test_waits_for_auth_rather_than_leave_somebody_untold(self, world: World) -> None:
        event = cause()
        world.directory.failure = unavailable("down")
        with pytest.raises(DomainError):
            await world.announcer.task_assigned(task(), [BOB], ADA, event)
        world.directory.failure = None
        await world.announcer.task_assigned(task(), [BOB], ADA, event)
        assert len(await world.inbox(BOB)) == 1

    async def test_who_does_not_exist_is_passed_over(self, world: World) -> None:
        await world.announcer.task_assigned(task(), [EVE, BOB], ADA, cause())
        assert (len(await world.inbox(EVE)), len(await world.inbox(BOB))) == (0, 1)


class TestDeparted:
    async def test_who_left_is_told_nothing(self, world: World) -> None:
        removed = Membership(workspace_id=WORKSPACE, user_id=BOB, role=None, version=2)
        await world.stores.memberships.keep(removed)
        await world.announcer.task_assigned(task(), [BOB], ADA, cause())
        assert await world.inbox(BOB) == []

    async def test_who_came_back_is_told_before_the_event_says_so(self, world: World) -> None:
        removed = Membership(workspace_id=WORKSPACE, user_id=BOB, role=None, version=2)
        await world.stores.memberships.keep(removed)
        world.directory.members[WORKSPACE, BOB] = replace(removed, role="MEMBER", version=3)
        await world.announcer.task_assigned(task(), [BOB], ADA, cause())
        assert len(await world.inbox(BOB)) == 1


class TestTaskMovedAndCommented:
    async def test_a_move_tells_the_others(self, world: World) -> None:
        await world.announcer.task_moved(task(), BOB, cause())
        assert [entry.notification.category for entry in await world.inbox(ADA)] == [Category.TASK_STATUS]
        assert await world.inbox(BOB) == []

    async def test_who_watches_is_told_and_who_is_named_only_that(self, world: World) -> None:
        world.directory.people[EVE] = profile(EVE, "Eve")
        told = remark("Look, @Eve", ADA, mentioned_ids=(EVE,))
        watched = task(watcher_ids=(ADA, EVE))
        for event in [cause("comment.added")] * 2:
            await world.announcer.task_commented(watched, told, event)
        assert [entry.notification.category for entry in await world.inbox(EVE)] == [Category.COMMENT_MENTIONED]
        assert [entry.notification.category for entry in await world.inbox(BOB)] == [Category.COMMENT_ADDED]
        assert await world.inbox(ADA) == []

    async def test_an_edit_tells_those_whom_it_names_anew(self, world: World) -> None:
        world.directory.people[EVE] = profile(EVE, "Eve")
        first = remark("Look, @Eve", ADA, mentioned_ids=(EVE,))
        await world.announcer.task_commented(task(), first, cause("comment.added"))
        edited = replace(first, mentioned_ids=(EVE, BOB))
        for event in (cause("comment.updated"), cause("comment.updated")):
            await world.announcer.comment_changed(task(), edited, event)
        assert len(await world.inbox(EVE)) == 1
        categories = [entry.notification.category for entry in await world.inbox(BOB)]
        assert categories == [Category.COMMENT_MENTIONED, Category.COMMENT_ADDED]

    async def test_an_edit_that_comes_before_its_comment_leaves_nothing_to_tell_twice(self, world: World) -> None:
        told = remark("Look, @Bob", ADA, mentioned_ids=(BOB,))
        await world.announcer.comment_changed(task(), told, cause("comment.updated"))
        await world.announcer.task_commented(task(), told, cause("comment.added"))
        assert [entry.notification.category for entry in await world.inbox(BOB)] == [Category.COMMENT_MENTIONED]

    async def test_a_new_assignee_is_not_told_of_the_change_as_well(self, world: World) -> None:
        world.directory.people[EVE] = profile(EVE, "Eve")
        await world.announcer.task_changed(task(), ["dueAt", "assigneeIds"], [BOB], EVE, cause("task.updated"))
        assert [entry.notification.category for entry in await world.inbox(BOB)] == [Category.TASK_ASSIGNED]
        assert [entry.notification.category for entry in await world.inbox(ADA)] == [Category.TASK_CHANGED]

    async def test_a_deletion_is_told(self, world: World) -> None:
        await world.announcer.task_gone(task(), True, ADA, cause("task.updated"))
        assert [entry.notification.title for entry in await world.inbox(BOB)] == ["Ada deleted ENG-42"]


class TestMemberChanged:
    async def test_each_change_by_somebody_else_is_told_once_and_kept(self, world: World) -> None:
        for version, role in enumerate(("MEMBER", "ADMIN", None), 1):
            member = Membership(workspace_id=WORKSPACE, user_id=BOB, role=role, version=version)
            event = cause("workspace.member.changed")
            for _ in range(2):
                await world.announcer.member_changed(member, "Engines", ADA, event)
        assert [entry.notification.title for entry in await world.inbox(BOB)] == [
            "Ada removed you from Engines",
            "Ada made you admin of Engines",
            "Ada added you to Engines as member",
        ]
        kept = (await world.stores.memberships.find(WORKSPACE, [BOB]))[BOB]
        assert (kept.role, kept.version) == (None, 3)

    async def test_what_is_older_than_what_is_known_is_not_told(self, world: World) -> None:
        await world.stores.memberships.keep(Membership(workspace_id=WORKSPACE, user_id=BOB, role="ADMIN", version=2))
        older = Membership(workspace_id=WORKSPACE, user_id=BOB, role="MEMBER", version=1)
        await world.announcer.member_changed(older, "Engines", ADA, cause("workspace.member.changed"))
        assert await world.inbox(BOB) == []

    async def test_their_own_doing_asks_nobody_and_is_kept(self, world: World) -> None:
        joined = Membership(workspace_id=WORKSPACE, user_id=BOB, role="MEMBER", version=1)
        await world.announcer.member_changed(joined, "Engines", BOB, cause("workspace.member.changed"))
        assert world.directory.asked == []
        assert await world.stores.memberships.find(WORKSPACE, [BOB]) == {BOB: joined}


class TestAlertRaised:
    @pytest.mark.parametrize("category", [Category.SLA_REMINDER, Category.SLA_ESCALATION])
    async def test_reaches_inbox_and_mail_once(self, world: World, category: Category) -> None:
        event = cause("notification.system.alert")
        for _ in range(2):
            await world.announcer.alert_raised(alert(category=category), event)
        assert [entry.notification.category for entry in await world.inbox(BOB)] == [category]
        [claim] = await world.stores.deliveries.claim(NOW, LEASE, 50)
        assert claim.delivery.recipient == "bob@example.com"
        assert claim.delivery.id == (await world.inbox(BOB))[0].notification.id

    async def test_an_address_that_is_none_costs_the_mail_and_not_the_notification(self, world: World) -> None:
        world.directory.people[BOB] = profile(BOB, "Bob", email="bob\r\n@example.com")
        await world.announcer.alert_raised(alert(), cause())
        assert len(await world.inbox(BOB)) == 1
        assert await world.mails() == []


class TestPersonInvited:
    async def test_is_mailed_once(self, world: World) -> None:
        event = cause("user.invited")
        for _ in range(2):
            await world.announcer.person_invited(invitation(), event)
        assert await world.mails() == ["bob@example.com"]

    async def test_an_address_that_is_none_is_refused(self, world: World) -> None:
        with pytest.raises(DomainError) as refused:
            await world.announcer.person_invited(invitation(email="bob@example.com\r\nBcc: eve@x"), cause())
        assert refused.value.kind is Kind.INVALID
        assert await world.mails() == []


class TestLinkRequested:
    @pytest.mark.parametrize("purpose", Purpose)
    async def test_is_mailed_once(self, world: World, purpose: Purpose) -> None:
        event = cause("user.password.reset.requested")
        for _ in range(2):
            await world.announcer.link_requested(account_link(purpose=purpose), event)
        assert await world.mails() == ["bob@example.com"]

    async def test_an_address_that_is_none_is_refused(self, world: World) -> None:
        with pytest.raises(DomainError) as refused:
            await world.announcer.link_requested(account_link(email="bob@example.com\r\nBcc: eve@x"), cause())
        assert refused.value.kind is Kind.INVALID
        assert await world.mails() == []


class TestPreferences:
    async def choose(self, world: World, *choices: tuple[Category, Channel, bool]) -> None:
        def change(current: Preferences) -> Preferences:
            for choice in choices:
                current = current.choose(*choice)
            return current

        await world.stores.preferences.change(BOB, change)

    async def test_each_way_is_taken_or_not_as_chosen(self, world: World) -> None:
        await self.choose(
            world, (Category.TASK_ASSIGNED, Channel.EMAIL, True), (Category.TASK_ASSIGNED, Channel.IN_APP, False)
        )
        await world.announcer.task_assigned(task(), [BOB], ADA, cause())
        assert await world.inbox(BOB) == []
        assert await world.mails() == ["bob@example.com"]

    async def test_nothing_is_written_for_who_wants_nothing(self, world: World) -> None:
        await self.choose(world, *((Category.TASK_ASSIGNED, channel, False) for channel in Channel))
        await world.announcer.task_assigned(task(), [BOB], ADA, cause())
        assert await world.inbox(BOB) == []
        assert await world.mails() == []

    async def test_a_muted_project_leaves_only_its_escalations_to_be_found(self, world: World) -> None:
        until = NOW + timedelta(hours=1)
        await world.stores.preferences.change(BOB, lambda current: current.mute(PROJECT, until, NOW))
        await world.announcer.alert_raised(alert(), cause())
        await world.announcer.alert_raised(alert(category=Category.SLA_ESCALATION), cause())
        assert [entry.notification.category for entry in await world.inbox(BOB)] == [Category.SLA_ESCALATION]
        assert await world.mails() == []
        world.clock.advance(timedelta(hours=1))
        await world.announcer.alert_raised(alert(), cause())
        assert len(await world.inbox(BOB)) == 2

    async def test_quiet_hours_hold_back_the_mail_and_not_the_inbox(self, world: World) -> None:
        hours = QuietHours(start=time(12), end=time(14))  # it is 13:00 in Berlin
        await world.stores.preferences.change(BOB, lambda current: replace(current, quiet=hours))
        await world.announcer.alert_raised(alert(), cause())
        assert len(await world.inbox(BOB)) == 1
        assert await world.mails() == []
        [late] = await world.stores.deliveries.claim(NOW + timedelta(hours=1), LEASE, 50)
        assert late.delivery.category is Category.SLA_REMINDER
        await world.announcer.alert_raised(alert(category=Category.SLA_ESCALATION), cause())
        assert await world.mails() == ["bob@example.com"]

    async def test_each_device_gets_one_push_however_often_the_event_comes(self, world: World) -> None:
        for name in ("phone", "laptop"):
            await world.stores.subscriptions.keep(device(name))
        await world.stores.subscriptions.keep(device("tablet", EVE))
        event = cause()
        for _ in range(2):
            await world.announcer.task_assigned(task(), [BOB], ADA, event)
        pushes = [claim.delivery for claim in await world.stores.pushes.claim(NOW, LEASE, 50)]
        assert {push.subscription_id for push in pushes} == {device("phone").id, device("laptop").id}
        [entry] = await world.inbox(BOB)
        assert {push.notification_id for push in pushes} == {entry.notification.id}
        assert pushes[0].url == "https://tasks.example/tasks/ENG-42"
