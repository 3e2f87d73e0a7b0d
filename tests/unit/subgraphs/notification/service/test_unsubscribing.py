"""One click ends mails of one kind for one person, and nothing else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import Channel
from subgraphs.notification.service.preferences import Desk, preferences_of
from subgraphs.notification.service.unsubscribing import DIGEST, UnsubscribeTokens, unsubscribe
from tests.testkit.notification.fakes import ScriptedDirectory, memory_stores
from tests.testkit.notification.samples import BOB, EVE, NOW, TOKENS, ManualClock, profile

ZONE = profile(BOB, "Bob").zone()


@pytest.fixture
def desk() -> Desk:
    stores = memory_stores()
    return Desk(
        preferences=stores.preferences,
        profiles=stores.profiles,
        directory=ScriptedDirectory(),
        clock=ManualClock(),
        changed=lambda _: None,
    )


async def test_ends_the_mails_of_its_category_however_often_it_is_used(desk: Desk) -> None:
    for _ in range(2):
        assert await unsubscribe(TOKENS.make(BOB, "sla.reminder"), TOKENS, desk) == "sla.reminder"
    set_ = await preferences_of(BOB, desk)
    assert not set_.wants(Category.SLA_REMINDER, Channel.EMAIL)
    assert set_.wants(Category.SLA_REMINDER, Channel.IN_APP)
    assert set_.wants(Category.SLA_ESCALATION, Channel.EMAIL)
    assert (await preferences_of(EVE, desk)).wants(Category.SLA_REMINDER, Channel.EMAIL)


async def test_ends_the_digest(desk: Desk) -> None:
    await desk.preferences.change(BOB, lambda current: current.digest_from(8, NOW, ZONE))
    assert await unsubscribe(TOKENS.make(BOB, DIGEST), TOKENS, desk) == DIGEST
    assert (await preferences_of(BOB, desk)).digest_at is None


@pytest.mark.parametrize("kind", ["invitation", "nothing", ""])
async def test_a_kind_that_cannot_be_ended_is_refused(desk: Desk, kind: str) -> None:
    with pytest.raises(DomainError) as refused:
        await unsubscribe(TOKENS.make(BOB, kind), TOKENS, desk)
    assert refused.value.code == "TOKEN_INVALID"


@given(st.integers(0, 47), st.integers(1, 255))
def test_an_altered_token_is_refused(position: int, change: int) -> None:
    token = TOKENS.make(BOB, "sla.reminder")
    raw = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[position % len(raw)] ^= change
    with pytest.raises(DomainError):
        TOKENS.read(urlsafe_b64encode(raw).decode())


@given(st.text(max_size=300))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(DomainError):
        TOKENS.read(text)


def test_a_token_of_another_secret_is_refused() -> None:
    with pytest.raises(DomainError):
        TOKENS.read(UnsubscribeTokens("another").make(BOB, DIGEST))
