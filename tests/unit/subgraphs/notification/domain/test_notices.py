"""Who is told what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.notification.domain import notices
from subgraphs.notification.domain.notifications import Category
from tests.testkit.notification.samples import ADA, BOB, EVE, NOW, alert, task


class TestAssigned:
    def test_tells_the_newly_assigned_but_not_the_one_who_did_it(self) -> None:
        notice = notices.assigned(task(), [ADA, BOB, BOB], ADA, "Ada")
        assert notice.recipients == (BOB,)
        assert notice.category is Category.TASK_ASSIGNED
        assert (notice.title, notice.body) == ("Ada assigned ENG-42 to you", "Write the plan")


class TestMoved:
    def test_tells_reporter_and_assignees_in_plain_words(self) -> None:
        notice = notices.moved(task(assignee_ids=(BOB, EVE), reporter_id=ADA), BOB, "Bob")
        assert notice.recipients == (ADA, EVE)
        assert notice.title == "Bob moved ENG-42 to in progress"


class TestCommented:
    def test_tells_everyone_who_takes_part_once(self) -> None:
        notice = notices.commented(task(), "Looks good", [EVE, BOB], BOB, "Bob")
        assert notice.recipients == (ADA, EVE)
        assert notice.body == "Looks good"


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
