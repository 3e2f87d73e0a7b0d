"""What push services get, what their answers mean, and whom we never call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import SystemClock
from subgraphs.notification.domain.deliveries import PUSH_LIFE, Push
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.subscriptions import Subscription, subscription_id
from subgraphs.notification.push.sealing import LONGEST_MESSAGE
from subgraphs.notification.push.services import PushServices, is_public, message, retry_after
from subgraphs.notification.push.vapid import Vapid
from subgraphs.notification.service.ports import DeliveryDeferred, DeliveryRefused
from tests.testkit.notification.fakes import MemorySubscriptions
from tests.testkit.notification.push import VAPID_KEY, Browser, PushService, push_service, vapid_claims
from tests.testkit.notification.samples import BOB, EVE, NOW, push

VAPID = Vapid(VAPID_KEY, "mailto:ops@example.com")


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as opened:
        yield opened


class Phone:
    """A device of Bob's at a service, and the way to it."""

    def __init__(self, endpoint: str, *, plain: bool = True) -> None:
        self.browser = Browser()
        self.subscriptions = MemorySubscriptions()
        self.device = Subscription(
            id=subscription_id(endpoint),
            user_id=BOB,
            endpoint=endpoint,
            p256dh=self.browser.p256dh,
            auth=self.browser.auth,
            created_at=NOW,
        )
        self.subscriptions.add(self.device)
        self.services = PushServices(self.subscriptions, VAPID, SystemClock(), plain=plain)

    def push(self, **changes: Any) -> Push:
        return push(**{"subscription_id": self.device.id, "created_at": datetime.now(UTC), **changes})

    async def send(self, told: Push) -> None:
        async with self.services.open() as counter:
            await counter.hand_over(told)


async def test_the_browser_reads_it_and_the_service_knows_who_sends(service: PushService) -> None:
    phone = Phone(service.endpoint("phone"))
    told = phone.push(category=Category.SLA_ESCALATION)
    await phone.send(told)
    [taken] = service.taken
    assert taken.told(phone.browser) == {
        "id": str(told.notification_id),
        "category": "sla.escalation",
        "title": told.title,
        "body": told.body,
        "url": told.url,
    }
    assert vapid_claims(taken.headers["authorization"], service.url)["sub"] == "mailto:ops@example.com"
    assert taken.headers["content-encoding"] == "aes128gcm"
    assert taken.headers["urgency"] == "high"
    assert 0 < int(taken.headers["ttl"]) <= PUSH_LIFE.total_seconds()
    assert len(taken.headers["topic"]) == 32


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_forgotten(service: PushService, status: int) -> None:
    phone = Phone(service.endpoint("phone"))
    service.answers["phone"] = [(status, {})]
    with pytest.raises(DeliveryRefused):
        await phone.send(phone.push())
    assert await phone.subscriptions.get(phone.device.id) is None


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "120"}, 120),
        (503, {}, 0),
        (500, {"Retry-After": "soon"}, 0),
        (429, {"Retry-After": "-1"}, 0),
    ],
)
async def test_a_service_that_is_busy_is_asked_again(
    service: PushService, status: int, headers: dict[str, str], wait: int
) -> None:
    phone = Phone(service.endpoint("phone"))
    service.answers["phone"] = [(status, headers)]
    with pytest.raises(DeliveryDeferred) as deferred:
        await phone.send(phone.push())
    assert deferred.value.wait == timedelta(seconds=wait)
    assert await phone.subscriptions.get(phone.device.id) is not None


@pytest.mark.parametrize(("status", "headers"), [(400, {}), (413, {}), (302, {"Location": "http://127.0.0.1:1/"})])
async def test_what_it_will_never_take_is_refused_and_no_redirect_followed(
    service: PushService, status: int, headers: dict[str, str]
) -> None:
    phone = Phone(service.endpoint("phone"))
    service.answers["phone"] = [(status, headers)]
    with pytest.raises(DeliveryRefused):
        await phone.send(phone.push())
    assert await phone.subscriptions.get(phone.device.id) is not None


async def test_a_service_that_is_away_delays() -> None:
    phone = Phone("http://127.0.0.1:9/push/phone")
    with pytest.raises(DeliveryDeferred):
        await phone.send(phone.push())


async def test_what_is_old_or_for_nobody_is_not_sent(service: PushService) -> None:
    phone = Phone(service.endpoint("phone"))
    for told in (
        phone.push(created_at=datetime.now(UTC) - PUSH_LIFE),
        phone.push(subscription_id=uuid4()),
        phone.push(user_id=EVE),
    ):
        with pytest.raises(DeliveryRefused):
            await phone.send(told)
    assert service.taken == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]"]
)
async def test_private_addresses_are_never_called(host: str) -> None:
    phone = Phone(f"https://{host}:9/push", plain=False)
    with pytest.raises((DeliveryRefused, DeliveryDeferred)) as refused:
        await phone.send(phone.push())
    assert "not a public address" in str(refused.value) or host == "localhost"


async def test_without_tls_nobody_is_called(service: PushService) -> None:
    phone = Phone(service.endpoint("phone"), plain=False)
    with pytest.raises(DeliveryRefused):
        await phone.send(phone.push())
    assert service.taken == []


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_what_is_public(host: str, public: bool) -> None:
    assert is_public(host) is public


def test_a_date_to_come_back_at_is_understood() -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert retry_after("Tue, 24 Nov 2026 12:01:00 GMT", at) == timedelta(minutes=1)
    assert retry_after("Tue, 24 Nov 2026 11:00:00 GMT", at) == timedelta(0)
    assert retry_after("99999999999999", at) == timedelta(days=1)


@given(st.text(max_size=200), st.text(max_size=4000))
def test_a_message_always_fits_and_keeps_its_title(title: str, body: str) -> None:
    told = message(push(title=title, body=body))
    assert len(told) <= LONGEST_MESSAGE
    content = orjson.loads(told)
    assert content["title"] == title
    assert body.startswith(content["body"])


def test_one_signature_serves_a_service_for_an_hour() -> None:
    first = VAPID.authorization("https://push.example/a", NOW)
    assert VAPID.authorization("https://push.example/b", NOW + timedelta(minutes=59)) == first
    assert VAPID.authorization("https://other.example/a", NOW) != first
    assert VAPID.authorization("https://push.example/a", NOW + timedelta(hours=1)) != first
