"""Owns what every filling of the ports must do. A test module subclasses a suite and gives it a fixture `stores`."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.ids import new_id
from subgraphs.notification.domain.deliveries import Attempt, Status
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notifications import Category, Filter, Place, search_words
from subgraphs.notification.domain.preferences import Channel, Preferences, QuietHours
from subgraphs.notification.service.ports import Effect, Mention
from tests.testkit.notification.fakes import Stores
from tests.testkit.notification.samples import NOW, cause, delivery, device, notification, profile, push

LEASE = timedelta(seconds=30)


async def fill(stores: Stores, user_id: UUID, count: int) -> list[UUID]:
    """Puts notifications into an inbox and returns their ids, the oldest first."""
    ids = []
    for _ in range(count):
        made = notification(user_id)
        await stores.ledger.apply(cause(), Effect(notifications=(made,)))
        ids.append(made.id)
    return ids


async def assert_agreement(stores: Stores, user_id: UUID) -> None:
    """The kept count equals what the list shows."""
    inbox = await stores.inboxes.inbox(user_id)
    everything = await stores.inboxes.page(user_id, Filter(), limit=1000, before=None)
    unread = await stores.inboxes.page(user_id, Filter(unread=True), limit=1000, before=None)
    assert [entry for entry in everything if entry.read_at is None] == list(unread)
    assert inbox.unread == len(unread)
    numbers = [entry.seq for entry in everything]
    assert numbers == sorted(set(numbers), reverse=True)
    assert all(0 < number <= inbox.last_seq for number in numbers)


async def shown(stores: Stores, user_id: UUID, **conditions: Any) -> list[UUID]:
    """The ids in a list under these conditions."""
    page = await stores.inboxes.page(user_id, Filter(**conditions), limit=50, before=None)
    return [entry.notification.id for entry in page]


class LedgerSuite:
    async def test_an_event_takes_effect_once(self, stores: Stores) -> None:
        user_id, event = uuid4(), cause()
        effect = Effect(notifications=(notification(user_id, event.event_id),), deliveries=(delivery(),))
        assert await stores.ledger.apply(event, effect)
        assert not await stores.ledger.apply(event, effect)
        assert (await stores.inboxes.inbox(user_id)).unread == 1
        assert len(await stores.deliveries.claim(NOW, LEASE, 10)) == 1

    async def test_of_many_at_once_one_takes_effect(self, stores: Stores) -> None:
        user_id, event = uuid4(), cause()
        effect = Effect(notifications=(notification(user_id, event.event_id),))
        outcomes = await asyncio.gather(*(stores.ledger.apply(event, effect) for _ in range(8)))
        assert sorted(outcomes) == [False] * 7 + [True]
        await assert_agreement(stores, user_id)
        assert (await stores.inboxes.inbox(user_id)).unread == 1

    async def test_events_at_once_for_one_inbox_all_take_effect(self, stores: Stores) -> None:
        user_id = uuid4()
        effects = [Effect(notifications=(notification(user_id),)) for _ in range(12)]
        assert all(await asyncio.gather(*(stores.ledger.apply(cause(), effect) for effect in effects)))
        await assert_agreement(stores, user_id)
        assert (await stores.inboxes.inbox(user_id)).unread == 12

    async def test_a_repetition_among_events_at_once_holds_up_none_of_them(self, stores: Stores) -> None:
        user_id, applied = uuid4(), cause()
        again = Effect(notifications=(notification(user_id, applied.event_id),))
        assert await stores.ledger.apply(applied, again)
        others = [(cause(), Effect(notifications=(notification(user_id),), deliveries=(delivery(),))) for _ in range(6)]
        outcomes = await asyncio.gather(
            *(stores.ledger.apply(*one) for one in [*others[:3], (applied, again), *others[3:]])
        )
        assert outcomes == [True, True, True, False, True, True, True]
        await assert_agreement(stores, user_id)
        assert (await stores.inboxes.inbox(user_id)).unread == 7
        assert len(await stores.deliveries.claim(NOW, LEASE, 50)) == 6

    async def test_one_that_is_given_up_leaves_the_others_their_effect(self, stores: Stores) -> None:
        user_id = uuid4()
        effects = [Effect(notifications=(notification(user_id),)) for _ in range(5)]
        events = [cause() for _ in effects]
        tasks = [asyncio.create_task(stores.ledger.apply(*one)) for one in zip(events, effects, strict=True)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, bool) for outcome in outcomes[1:])
        # Whatever became of the first one: asked for again, it is there once.
        await stores.ledger.apply(events[0], effects[0])
        assert (await stores.inboxes.inbox(user_id)).unread == 5
        await assert_agreement(stores, user_id)

    async def test_an_older_snapshot_changes_nothing_and_counts_as_applied(self, stores: Stores) -> None:
        user_id = uuid4()
        newer = profile(user_id, "Newer", version=3)
        event = cause("user.updated")
        assert await stores.ledger.apply(cause(), Effect(profile=newer))
        assert await stores.ledger.apply(event, Effect(profile=profile(user_id, "Older", version=2)))
        assert await stores.profiles.find([user_id]) == {user_id: newer}
        assert not await stores.ledger.apply(event, Effect(profile=profile(user_id, "Again", version=9)))

    async def test_a_removal_outlives_the_older_joining(self, stores: Stores) -> None:
        workspace_id, user_id = uuid4(), uuid4()
        joined = Membership(workspace_id=workspace_id, user_id=user_id, role="MEMBER", version=1)
        removed = Membership(workspace_id=workspace_id, user_id=user_id, role=None, version=2)
        await stores.ledger.apply(cause(), Effect(membership=removed))
        await stores.ledger.apply(cause(), Effect(membership=joined))
        assert await stores.memberships.find(workspace_id, [user_id]) == {user_id: removed}
        assert await stores.memberships.find(uuid4(), [user_id]) == {}

    async def test_whom_a_comment_names_is_remembered_once_each(self, stores: Stores) -> None:
        comment_id, first, second = uuid4(), uuid4(), uuid4()
        for named in ((first,), (first, second)):
            await stores.ledger.apply(cause(), Effect(mention=Mention(comment_id=comment_id, user_ids=named)))
        assert sorted(await stores.mentions.of(comment_id)) == sorted([first, second])
        assert list(await stores.mentions.of(uuid4())) == []


class InboxSuite:
    async def test_pages_follow_each_other_without_gap_or_double(self, stores: Stores) -> None:
        user_id = uuid4()
        ids = await fill(stores, user_id, 7)
        seen: list[UUID] = []
        before = None
        while page := await stores.inboxes.page(user_id, Filter(), limit=3, before=before):
            seen += [entry.notification.id for entry in page]
            before = page[-1].seq
        assert seen == ids[::-1]

    async def test_unread_pages_skip_what_was_read(self, stores: Stores) -> None:
        user_id = uuid4()
        ids = await fill(stores, user_id, 9)
        for id_ in (ids[8], ids[6], ids[5], ids[4], ids[1]):
            await stores.inboxes.mark_read(user_id, id_, NOW)
        page = await stores.inboxes.page(user_id, Filter(unread=True), limit=3, before=None)
        assert [entry.notification.id for entry in page] == [ids[7], ids[3], ids[2]]
        rest = await stores.inboxes.page(user_id, Filter(unread=True), limit=3, before=page[-1].seq)
        assert [entry.notification.id for entry in rest] == [ids[0]]

    async def test_marking_twice_counts_once_and_keeps_the_first_time(self, stores: Stores) -> None:
        user_id = uuid4()
        ids = await fill(stores, user_id, 2)
        first = await stores.inboxes.mark_read(user_id, ids[0], NOW)
        second = await stores.inboxes.mark_read(user_id, ids[0], NOW + timedelta(minutes=1))
        assert first is not None
        assert first == second
        assert first[0].read_at == NOW
        assert first[0].version == 2
        assert first[1].unread == 1

    async def test_another_users_notification_is_unknown(self, stores: Stores) -> None:
        owner, other = uuid4(), uuid4()
        ids = await fill(stores, owner, 1)
        assert await stores.inboxes.mark_read(other, ids[0], NOW) is None
        assert await stores.inboxes.find(other, ids) == {}
        assert list(await stores.inboxes.find(owner, [*ids, new_id()])) == ids
        assert (await stores.inboxes.inbox(owner)).unread == 1

    async def test_marking_all_covers_what_is_there_and_not_what_comes(self, stores: Stores) -> None:
        user_id = uuid4()
        ids = await fill(stores, user_id, 3)
        await stores.inboxes.mark_read(user_id, ids[0], NOW)
        later = NOW + timedelta(minutes=1)
        count, inbox = await stores.inboxes.mark_all_read(user_id, later)
        assert (count, inbox.unread) == (2, 0)
        assert (await stores.inboxes.mark_all_read(user_id, later))[0] == 0
        await fill(stores, user_id, 1)
        page = await stores.inboxes.page(user_id, Filter(), limit=10, before=None)
        assert [entry.read_at for entry in page] == [None, later, later, NOW]
        await stores.inboxes.mark_read(user_id, ids[1], NOW)
        await assert_agreement(stores, user_id)

    async def test_what_is_put_away_is_read_and_stands_elsewhere_until_it_is_brought_back(self, stores: Stores) -> None:
        user_id = uuid4()
        ids = await fill(stores, user_id, 3)
        for _ in range(2):
            archived = await stores.inboxes.archive(user_id, ids[1], NOW)
        assert archived is not None
        assert (archived[0].place, archived[0].archived_at, archived[0].read_at) == (Place.ARCHIVED, NOW, NOW)
        assert archived[1].unread == 2
        assert await shown(stores, user_id) == [ids[2], ids[0]]
        assert await shown(stores, user_id, place=Place.ARCHIVED) == [ids[1]]
        back = await stores.inboxes.bring_back(user_id, ids[1], NOW)
        assert back is not None
        assert (back[0].archived_at, back[0].read_at, back[1].unread) == (None, NOW, 2)
        assert await shown(stores, user_id) == [ids[2], ids[1], ids[0]]

    async def test_what_was_snoozed_comes_back_on_top_and_unread(self, stores: Stores) -> None:
        user_id, until = uuid4(), NOW + timedelta(days=1)
        ids = await fill(stores, user_id, 2)
        snoozed = await stores.inboxes.snooze(user_id, ids[0], until, NOW)
        assert snoozed is not None
        assert (snoozed[0].snoozed_until, snoozed[1].unread) == (until, 1)
        assert await shown(stores, user_id) == [ids[1]]
        assert (user_id, ids[0]) not in await stores.inboxes.due_back(until - timedelta(seconds=1), 1000)
        assert (user_id, ids[0]) in await stores.inboxes.due_back(until, 1000)
        await stores.inboxes.mark_all_read(user_id, NOW)
        outcomes = await asyncio.gather(*(stores.inboxes.bring_back(user_id, ids[0], until) for _ in range(3)))
        assert all(outcome is not None and outcome[1].unread == 1 for outcome in outcomes)
        assert await shown(stores, user_id, unread=True) == [ids[0]]
        assert await shown(stores, user_id) == [ids[0], ids[1]]
        assert (user_id, ids[0]) not in await stores.inboxes.due_back(until, 1000)

    async def test_a_list_shows_what_fits_all_its_conditions(self, stores: Stores) -> None:
        user_id, project = uuid4(), uuid4()
        made = [
            notification(user_id, category=Category.COMMENT_ADDED, project_id=project, body="The Größe of the Bolts"),
            notification(user_id, category=Category.TASK_STATUS, project_id=project, body="Nuts and bolts"),
            notification(user_id, body="Screws"),
        ]
        for one in made:
            await stores.ledger.apply(cause(), Effect(notifications=(one,)))
        first, second, third = (one.id for one in made)
        assert await shown(stores, user_id, project_id=project) == [second, first]
        assert await shown(stores, user_id, categories=frozenset({Category.TASK_STATUS})) == [second]
        assert await shown(stores, user_id, words=search_words("BOLTS")) == [second, first]
        assert await shown(stores, user_id, words=search_words("bolts größe")) == [first]
        assert await shown(stores, user_id, words=search_words("bolts screws")) == []
        assert await shown(stores, user_id, words=search_words("screws"), unread=True) == [third]

    async def test_another_users_notification_cannot_be_moved(self, stores: Stores) -> None:
        owner, other = uuid4(), uuid4()
        [id_] = await fill(stores, owner, 1)
        assert await stores.inboxes.archive(other, id_, NOW) is None
        assert await stores.inboxes.snooze(other, id_, NOW, NOW) is None
        assert await stores.inboxes.bring_back(other, id_, NOW) is None
        await assert_agreement(stores, owner)

    @pytest.mark.parametrize("seed", range(10))
    async def test_count_and_list_agree_whatever_happens_at_once(self, stores: Stores, seed: int) -> None:
        moves = random.Random(seed).choices(range(16), k=14)
        user_id = uuid4()
        ids = await fill(stores, user_id, 4)

        async def play(move: int) -> None:
            id_ = ids[move % 4]
            if move < 4:
                await stores.inboxes.mark_read(user_id, id_, NOW)
            elif move < 7:
                await fill(stores, user_id, 1)
            elif move < 10:
                await stores.inboxes.archive(user_id, id_, NOW)
            elif move < 12:
                await stores.inboxes.snooze(user_id, id_, NOW + timedelta(days=1), NOW)
            elif move < 14:
                await stores.inboxes.bring_back(user_id, id_, NOW)
            else:
                await stores.inboxes.mark_all_read(user_id, NOW)

        await asyncio.gather(*(play(move) for move in moves))
        await assert_agreement(stores, user_id)


class PreferenceSuite:
    async def test_what_was_set_is_found_whole(self, stores: Stores) -> None:
        user_id = uuid4()

        def change(current: Preferences) -> Preferences:
            current = current.choose(Category.TASK_STATUS, Channel.EMAIL, True).mute(uuid4(), None, NOW)
            current = (
                current.mute(uuid4(), NOW + timedelta(days=1), NOW).digest_from(8, NOW, UTC).digest_made(NOW, UTC, 7)
            )
            return replace(current, quiet=QuietHours(start=time(22, 30), end=time(7), urgent_passes=False))

        assert await stores.preferences.find([user_id]) == {}
        changed = await stores.preferences.change(user_id, change)
        assert await stores.preferences.find([user_id, uuid4()]) == {user_id: changed}

    async def test_changes_at_once_all_count(self, stores: Stores) -> None:
        user_id, projects = uuid4(), [uuid4() for _ in range(4)]

        async def mute(project: UUID) -> None:
            await stores.preferences.change(user_id, lambda current: current.mute(project, None, NOW))

        await asyncio.gather(*(mute(project) for project in projects))
        assert set((await stores.preferences.find([user_id]))[user_id].mutes) == set(projects)


class DeliverySuite:
    async def test_a_claim_is_held_until_its_lease_ends(self, stores: Stores) -> None:
        queued = delivery()
        await stores.ledger.apply(cause(), Effect(deliveries=(queued,)))
        first = await stores.deliveries.claim(NOW, LEASE, 10)
        assert [claim.delivery for claim in first] == [queued]
        assert await stores.deliveries.claim(NOW + LEASE / 2, LEASE, 10) == []
        second = await stores.deliveries.claim(NOW + LEASE, LEASE, 10)
        assert [claim.attempts for claim in second] == [2]
        await stores.deliveries.mark_sent(first[0], NOW)
        assert len(await stores.deliveries.claim(NOW + 3 * LEASE, LEASE, 10)) == 1

    async def test_two_claimers_never_share(self, stores: Stores) -> None:
        queued = [delivery() for _ in range(10)]
        await stores.ledger.apply(cause(), Effect(deliveries=tuple(queued)))
        taken = await asyncio.gather(*(stores.deliveries.claim(NOW, LEASE, 4) for _ in range(5)))
        ids = [claim.delivery.id for claims in taken for claim in claims]
        assert len(ids) == len(set(ids))

    async def test_what_was_sent_or_refused_is_done(self, stores: Stores) -> None:
        await stores.ledger.apply(cause(), Effect(deliveries=(delivery(), delivery())))
        sent, refused = await stores.deliveries.claim(NOW, LEASE, 10)
        await stores.deliveries.mark_sent(sent, NOW)
        await stores.deliveries.refuse(refused, NOW, "550 no such user")
        assert await stores.deliveries.claim(NOW + timedelta(days=1), LEASE, 10) == []

    async def test_what_was_put_off_or_released_comes_again(self, stores: Stores) -> None:
        await stores.ledger.apply(cause(), Effect(deliveries=(delivery(), delivery())))
        tried, untried = await stores.deliveries.claim(NOW, LEASE, 10)
        await stores.deliveries.put_off(tried, NOW, NOW + timedelta(minutes=1), "451 later")
        await stores.deliveries.release([untried], NOW)
        [again] = await stores.deliveries.claim(NOW, LEASE, 10)
        assert (again.delivery.id, again.attempts) == (untried.delivery.id, 1)
        [later] = await stores.deliveries.claim(NOW + timedelta(minutes=1) - timedelta(seconds=1) + LEASE, LEASE, 1)
        assert later.delivery.id in {tried.delivery.id, untried.delivery.id}

    async def test_says_when_there_will_be_something_to_do(self, stores: Stores) -> None:
        assert await stores.pushes.next_due() is None
        later = NOW + timedelta(hours=1)
        await stores.ledger.apply(cause(), Effect(pushes=(push(not_before=later), push(not_before=later + LEASE))))
        assert await stores.pushes.next_due() == later
        [claim] = await stores.pushes.claim(later, LEASE, 1)
        assert await stores.pushes.next_due() == later + LEASE
        await stores.pushes.mark_sent(claim, later)

    async def test_the_course_of_a_delivery_can_be_followed_by_who_is_to_get_it(self, stores: Stores) -> None:
        told = notification(uuid4())
        mail = delivery(id=told.id, user_id=told.user_id)
        pushed = push(notification_id=told.id, user_id=told.user_id)
        await stores.ledger.apply(cause(), Effect(notifications=(told,), deliveries=(mail,), pushes=(pushed,)))
        [claim] = await stores.deliveries.claim(NOW, LEASE, 10)
        later = NOW + timedelta(minutes=1)
        await stores.deliveries.put_off(claim, NOW, later, "451 later")
        [claim] = await stores.deliveries.claim(later, LEASE, 10)
        await stores.deliveries.mark_sent(claim, later)
        by_channel = {course.channel: course for course in (await stores.courses.of(told.user_id, [told.id]))[told.id]}
        mailed, waiting = by_channel[Channel.EMAIL], by_channel[Channel.WEB_PUSH]
        assert mailed.status is Status.SENT
        assert mailed.attempts == (Attempt(at=NOW, reason="451 later"), Attempt(at=later, reason=None))
        assert (mailed.due_at, mailed.ended_at) == (None, later)
        assert (waiting.status, waiting.attempts, waiting.due_at) == (Status.QUEUED, (), NOW)
        assert await stores.courses.of(uuid4(), [told.id]) == {}


class DigestSuite:
    async def test_is_due_until_it_was_made_and_made_once(self, stores: Stores) -> None:
        user_id = uuid4()
        set_ = await stores.preferences.change(user_id, lambda current: current.digest_from(8, NOW, UTC))
        assert set_.digest_at is not None
        assert await stores.digests.next_due() == set_.digest_at
        assert await stores.digests.due(set_.digest_at - timedelta(seconds=1), 10) == []
        assert await stores.digests.due(set_.digest_at, 10) == [set_]
        after, mail = set_.digest_made(set_.digest_at, UTC, 5), delivery(user_id=user_id)
        outcomes = await asyncio.gather(*(stores.digests.make(set_, after, mail) for _ in range(4)))
        assert sorted(outcomes) == [False] * 3 + [True]
        assert await stores.digests.due(set_.digest_at, 10) == []
        assert [claim.delivery.id for claim in await stores.deliveries.claim(NOW, LEASE, 10)] == [mail.id]

    async def test_what_was_set_meanwhile_wins(self, stores: Stores) -> None:
        user_id = uuid4()
        stale = await stores.preferences.change(user_id, lambda current: current.digest_from(8, NOW, UTC))
        await stores.preferences.change(user_id, lambda current: current.without_digest())
        assert not await stores.digests.make(stale, stale.digest_made(NOW, UTC, 0), delivery())
        assert await stores.deliveries.claim(NOW, LEASE, 10) == []
        assert await stores.digests.next_due() is None


class SubscriptionSuite:
    async def test_a_device_belongs_to_who_named_it_last(self, stores: Stores) -> None:
        first, second = uuid4(), uuid4()
        phone, laptop = device("phone", first), device("laptop", first, created_at=NOW + timedelta(hours=1))
        for one in (phone, laptop):
            await stores.subscriptions.keep(one)
        assert await stores.subscriptions.find([first, second]) == {first: [laptop, phone]}
        taken = replace(phone, user_id=second)
        await stores.subscriptions.keep(taken)
        assert await stores.subscriptions.find([first, second]) == {first: [laptop], second: [taken]}
        assert await stores.subscriptions.get(phone.id) == taken

    async def test_only_its_owner_lets_it_go(self, stores: Stores) -> None:
        owner = uuid4()
        phone = device("phone", owner)
        await stores.subscriptions.keep(phone)
        assert not await stores.subscriptions.drop(phone.id, uuid4())
        assert await stores.subscriptions.drop(phone.id, owner)
        assert not await stores.subscriptions.drop(phone.id, owner)
        assert await stores.subscriptions.get(phone.id) is None
