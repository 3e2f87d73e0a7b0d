"""Who is told what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.notification.domain import notices
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notifications import Category
from tests.testkit.notification.samples import ADA, BOB, EVE, NOW, WORKSPACE, alert, remark, task


class TestAssigned:
    def test_tells_the_newly_assigned_but_not_the_one_who_did_it(self) -> None:
        notice = notices.assigned(task(), [ADA, BOB, BOB], ADA, "Ada")
        assert notice.recipients == (BOB,)
        assert notice.category is Category.TASK_ASSIGNED
        assert (notice.title, notice.body) == ("Ada assigned ENG-42 to you", "Write the plan")


class TestMoved:
    def test_tells_watchers_and_assignees_in_plain_words(self) -> None:
        notice = notices.moved(task(assignee_ids=(BOB, EVE), watcher_ids=(ADA,)), BOB, "Bob")
        assert notice.recipients == (ADA, EVE)
        assert notice.title == "Bob moved ENG-42 to in progress"


class TestChanged:
    def test_says_what_people_plan_by_to_those_not_told_already(self) -> None:
        notice = notices.changed(task(), ["title", "dueAt", "priority"], [BOB], EVE, "Eve")
        assert notice is not None
        assert notice.recipients == (ADA,)
        assert notice.title == "Eve changed the due date and the priority of ENG-42"
        assert notices.changed(task(), ["title", "assigneeIds"], [], EVE, "Eve") is None

    @pytest.mark.parametrize(("deleted", "word"), [(True, "deleted"), (False, "restored")])
    def test_a_deletion_reaches_whoever_takes_part(self, deleted: bool, word: str) -> None:
        notice = notices.gone(task(), deleted, ADA, "Ada")
        assert (notice.recipients, notice.title) == ((BOB,), f"Ada {word} ENG-42")


class TestCommented:
    def test_tells_everyone_who_takes_part_once(self) -> None:
        notice = notices.commented(task(watcher_ids=(ADA, EVE, BOB)), remark(), "Bob")
        assert notice.recipients == (ADA, EVE)
        assert notice.body == "Looks good"

    def test_who_is_named_is_told_that_and_nothing_else(self) -> None:
        named = remark(f"Ask @[Eve]({EVE}), or @[you]({ADA})", mentioned_ids=(EVE, ADA, BOB))
        told = notices.mentioned(task(), named, "Bob")
        assert told.recipients == (EVE, ADA)
        assert told.body == "Ask @Eve, or @you"
        assert notices.commented(task(), named, "Bob").recipients == ()


class TestJoined:
    @pytest.mark.parametrize(
        ("before", "after", "title"),
        [
            (None, "MEMBER", "Ada added you to Engines as member"),
            ("MEMBER", "ADMIN", "Ada made you admin of Engines"),
            ("MEMBER", None, "Ada removed you from Engines"),
        ],
    )
    def test_a_member_is_told_what_somebody_else_changed(
        self, before: str | None, after: str | None, title: str
    ) -> None:
        known = membership(before, 1) if before is not None else None
        notice = notices.joined(membership(after, 2), "Engines", known, ADA, "Ada")
        assert notice is not None
        assert (notice.recipients, notice.title) == ((BOB,), title)

    def test_nothing_is_said_of_what_they_did_or_what_stayed(self) -> None:
        assert notices.joined(membership("MEMBER", 2), "Engines", None, BOB, "Bob") is None
        assert notices.joined(membership("MEMBER", 2), "Engines", membership("MEMBER", 1), ADA, "Ada") is None


def membership(role: str | None, version: int) -> Membership:
    return Membership(workspace_id=WORKSPACE, user_id=BOB, role=role, version=version)


class TestAlerted:
    @pytest.mark.parametrize(
        ("left", "words"),
        [
            (timedelta(hours=24), "in 24 hours"),
            (timedelta(hours=1), "in 1 hour"),
            (timedelta(minutes=59), "in 59 minutes"),
            (timedelta(seconds=8), "in 8 seconds"),
            (timedelta(seconds=1), "in 1 second"),
            (timedelta(0), "now"),
            (timedelta(seconds=-3), "now"),
        ],
    )
    def test_a_reminder_says_how_much_time_is_left(self, left: timedelta, words: str) -> None:
        assert notices.alerted(alert(due_at=NOW + left)).title == f"ENG-42 is due {words}"

    def test_one_that_comes_after_an_outage_says_that_it_is_late(self) -> None:
        assert notices.alerted(alert(late=True)).title == "Late notice: ENG-42 is due in 24 hours"

    def test_an_escalation_reaches_even_the_one_who_caused_it(self) -> None:
        notice = notices.alerted(alert(category=Category.SLA_ESCALATION, recipient_ids=(ADA, ADA)))
        assert notice.recipients == (ADA,)
        assert notice.title == "ENG-42 is overdue"


@given(st.text(min_size=0, max_size=3000))
def test_texts_are_bounded_and_otherwise_untouched(text: str) -> None:
    notice = notices.assigned(task(title=text), [BOB], ADA, text)
    assert len(notice.title) <= 200
    assert len(notice.body) <= 500
    assert notice.body == text or notice.body.endswith("…")
