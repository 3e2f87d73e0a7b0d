"""What a notification is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.notification.domain.notifications import Category, Inbox, notification_id, to_millis
from tests.testkit.notification.samples import BOB, NOW

_times = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds)


class TestNotificationId:
    @given(st.uuids(), st.uuids(), st.sampled_from(Category), _times)
    def test_is_a_uuid7_of_its_time_and_the_same_every_time(
        self, event_id: UUID, user_id: UUID, category: Category, at: datetime
    ) -> None:
        made = notification_id(event_id, user_id, category, at)
        assert made == notification_id(event_id, user_id, category, at)
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
        assert made.int >> 80 == int(at.timestamp() * 1000)

    @given(st.uuids(), st.uuids(), _times)
    def test_differs_by_event_person_and_category(self, event_id: UUID, other: UUID, at: datetime) -> None:
        made = [
            notification_id(event_id, event_id, Category.SLA_REMINDER, at),
            notification_id(event_id, event_id, Category.SLA_ESCALATION, at),
            notification_id(event_id, other, Category.SLA_REMINDER, at),
            notification_id(other, event_id, Category.SLA_REMINDER, at),
        ]
        assert len(set(made)) == (4 if event_id != other else 2)


class TestInbox:
    def test_what_came_later_is_not_read_with_everything(self) -> None:
        inbox = Inbox(user_id=BOB, last_seq=5, unread=2, read_through=3, read_through_at=NOW)
        own = NOW - timedelta(hours=1)
        assert [inbox.read_at(seq, None) for seq in (3, 4)] == [NOW, None]
        assert [inbox.read_at(seq, own) for seq in (3, 4)] == [own, own]


@given(_times)
def test_times_are_kept_to_the_millisecond(at: datetime) -> None:
    assert to_millis(at).microsecond % 1000 == 0
    assert timedelta(0) <= at - to_millis(at) < timedelta(milliseconds=1)
