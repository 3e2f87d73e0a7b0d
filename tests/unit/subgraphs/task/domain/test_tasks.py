"""What a valid task is."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kit.errors import DomainError
from kit.ids import new_id
from subgraphs.task.domain.tasks import MOST_ASSIGNEES, TaskDraft, check_assignees, check_draft, check_due_at
from tests.unit.subgraphs.task.samples import NOW, a_draft, a_project, a_task


def refused_fields(draft: TaskDraft) -> set[str]:
    with pytest.raises(DomainError) as refused:
        check_draft(draft, now=NOW)
    assert refused.value.code == "BAD_INPUT"
    return set(refused.value.fields)


class TestDraft:
    def test_a_title_is_trimmed_and_has_one_to_500_characters(self) -> None:
        assert check_draft(a_draft(new_id(), title="  Ship it "), now=NOW).title == "Ship it"
        assert len(check_draft(a_draft(new_id(), title="ü" * 500), now=NOW).title) == 500
        for title in ("", "   ", "x" * 501, "x" * 1_000_000):
            assert refused_fields(a_draft(new_id(), title=title)) == {"title"}

    @pytest.mark.parametrize("title", ["two\nlines", "nul\x00", "half \ud800 a pair", "bell\x07"])
    def test_a_title_is_one_line_that_can_be_stored(self, title: str) -> None:
        assert refused_fields(a_draft(new_id(), title=title)) == {"title"}

    def test_a_description_has_at_most_100_kb_of_utf_8(self) -> None:
        assert check_draft(a_draft(new_id(), description="ü" * 50_000), now=NOW).description
        assert refused_fields(a_draft(new_id(), description="ü" * 50_001)) == {"description"}
        assert refused_fields(a_draft(new_id(), description="a\x00b")) == {"description"}
        assert check_draft(a_draft(new_id(), description="a\n\tb\r\n"), now=NOW).description == "a\n\tb\r\n"

    def test_a_due_date_lies_in_the_future_of_the_clock(self) -> None:
        assert check_due_at(NOW + timedelta(microseconds=1), now=NOW) > NOW
        with pytest.raises(DomainError) as refused:
            check_due_at(NOW, now=NOW)
        assert refused.value.code == "DUE_DATE_IN_PAST"

    def test_a_due_date_is_kept_in_utc(self) -> None:
        local = datetime(2030, 6, 1, 9, 0, tzinfo=timezone(timedelta(hours=2)))
        assert check_due_at(local, now=NOW) == datetime(2030, 6, 1, 7, 0, tzinfo=UTC)
        assert check_due_at(local, now=NOW).tzinfo is UTC

    @pytest.mark.parametrize(
        "due_at",
        [datetime(2031, 1, 1), datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))],  # noqa: DTZ001
    )
    def test_a_due_date_without_offset_or_out_of_range_is_refused(self, due_at: datetime) -> None:
        assert refused_fields(a_draft(new_id(), due_at=due_at)) == {"dueAt"}

    def test_assignees_are_distinct_and_not_too_many(self) -> None:
        ada, bob = new_id(), new_id()
        assert check_assignees([ada, bob, ada]) == (ada, bob)
        assert refused_fields(a_draft(new_id(), assignee_ids=[new_id() for _ in range(MOST_ASSIGNEES + 1)])) == {
            "assigneeIds"
        }


class TestNewTask:
    def test_it_begins_in_the_default_state_or_in_the_one_named(self) -> None:
        project = a_project(key="OPS")
        assert a_task(project, number=42).key == "OPS-42"
        assert a_task(project).status == project.default_status
        assert a_task(project, status=" in PROGRESS ").status.name == "In Progress"

    def test_an_unknown_state_is_refused_with_those_there_are(self) -> None:
        with pytest.raises(DomainError) as refused:
            a_task(status="Somewhere")
        assert set(refused.value.fields) == {"status"}
        assert "In Review" in refused.value.message
