"""Which devices are taken on, and which are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit.errors import DomainError, Kind
from subgraphs.notification.domain.subscriptions import MOST_FOR_ONE
from subgraphs.notification.service.subscriptions import Devices, subscribe, subscriptions_of, unsubscribe_device
from tests.testkit.notification.fakes import MemorySubscriptions
from tests.testkit.notification.push import Browser, text
from tests.testkit.notification.samples import BOB, EVE, ManualClock

KEYS = Browser().keys()
GOOD = {"endpoint": "https://push.example/phone", **KEYS}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def devices(clock: ManualClock) -> Devices:
    return Devices(subscriptions=MemorySubscriptions(), clock=clock, public_key="key", plain=False)


async def test_a_browser_that_changes_hands_tells_its_new_user_alone(devices: Devices) -> None:
    first = await subscribe(BOB, devices=devices, **GOOD)
    second = await subscribe(EVE, devices=devices, **GOOD)
    assert first.id == second.id
    assert list(await subscriptions_of(BOB, devices)) == []
    assert not await unsubscribe_device(BOB, first.id, devices)
    assert await unsubscribe_device(EVE, first.id, devices)


async def test_beyond_the_most_the_oldest_goes(devices: Devices, clock: ManualClock) -> None:
    for number in range(MOST_FOR_ONE + 1):
        clock.advance(timedelta(seconds=1))
        await subscribe(BOB, devices=devices, **(GOOD | {"endpoint": f"https://push.example/{number}"}))
    kept = [device.endpoint for device in await subscriptions_of(BOB, devices)]
    assert len(kept) == MOST_FOR_ONE
    assert "https://push.example/0" not in kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/phone"},
        {"endpoint": "https://user:password@push.example/"},
        {"endpoint": "https:///phone"},
        {"endpoint": "https://push.example:99999/"},
        {"endpoint": "https://push.example/\r\nX: y"},
        {"endpoint": "https://push.example/" + "x" * 2048},
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": "https://[::1"},
        {"p256dh": text(b"\x04" + b"1" * 64)},
        {"p256dh": text(b"\x02" + b"1" * 64)},
        {"p256dh": "!"},
        {"p256dh": ""},
        {"auth": text(b"short")},
        {"auth": "é" * 22},
    ],
)
async def test_what_no_browser_gives_is_refused(devices: Devices, wrong: dict[str, Any]) -> None:
    with pytest.raises(DomainError) as refused:
        await subscribe(BOB, devices=devices, **(GOOD | wrong))
    assert refused.value.kind is Kind.INVALID
    assert list(await subscriptions_of(BOB, devices)) == []


async def test_without_a_key_there_is_no_web_push(devices: Devices) -> None:
    with pytest.raises(DomainError) as refused:
        await subscribe(BOB, devices=replace(devices, public_key=None), **GOOD)
    assert refused.value.kind is Kind.PRECONDITION


async def test_development_may_use_a_plain_endpoint(devices: Devices) -> None:
    plain = replace(devices, plain=True)
    assert await subscribe(BOB, devices=plain, **(GOOD | {"endpoint": "http://127.0.0.1:9/phone"}))
