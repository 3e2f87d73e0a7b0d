"""An event survives its headers, and what is no event is named as such."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from kit.kafka import Envelope
from kit.kafka.envelope import LARGEST_DATA
from proto.events import SessionRevoked

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def revoked(reason: str = "logout") -> SessionRevoked:
    return SessionRevoked(session_id=uuid4(), user_id=uuid4(), reason=reason, revoked_at=NOW)


@given(st.uuids(), st.none() | st.uuids(), st.text(min_size=1).filter(lambda text: text.isprintable()), st.binary())
def test_headers_and_value_are_read_back(id_: UUID, tenant: UUID | None, subject: str, data: bytes) -> None:
    event = Envelope(id=id_, type="t", source="s", time=NOW, subject=subject, tenant=tenant, data=data)
    assert Envelope.read(event.headers(), event.data) == event


def test_type_and_key_follow_from_the_payload() -> None:
    payload = revoked()
    event = Envelope.of(payload, source="auth", subject=payload.user_id, tenant=None, time=NOW)
    assert event.type == "session.revoked"
    assert event.key == str(payload.user_id).encode()
    assert event.payload(SessionRevoked) == payload


def test_what_kafka_would_not_take_is_refused_before_it_is_written() -> None:
    with pytest.raises(DomainError):
        Envelope.of(revoked("x" * LARGEST_DATA), source="auth", subject="k", tenant=None, time=NOW)


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_time", "ce_subject"])
def test_a_missing_attribute_is_named(name: str) -> None:
    event = Envelope.of(revoked(), source="auth", subject="k", tenant=None, time=NOW)
    with pytest.raises(DomainError, match=name):
        Envelope.read([header for header in event.headers() if header[0] != name], event.data)


@given(st.lists(st.tuples(st.sampled_from(["ce_id", "ce_time", "ce_type", "ce_tenant"]), st.binary())), st.binary())
def test_anything_else_is_malformed(headers: list[tuple[str, bytes]], value: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        Envelope.read(headers, value)
    assert refused.value.code == "EVENT_MALFORMED"


def test_data_that_does_not_fit_names_the_field() -> None:
    event = Envelope(id=uuid4(), type="t", source="s", time=NOW, subject="k", tenant=None, data=b'{"reason": 3}')
    with pytest.raises(DomainError, match="reason"):
        event.payload(SessionRevoked)
