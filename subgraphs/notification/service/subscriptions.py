"""The devices that a user wants to be told on: named by the browser, checked here, dropped by either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.clock import Clock
from kit.errors import invalid
from subgraphs.notification.domain.notifications import to_millis
from subgraphs.notification.domain.subscriptions import (
    MOST_FOR_ONE,
    Subscription,
    is_endpoint,
    key_bytes,
    secret_bytes,
    subscription_id,
)
from subgraphs.notification.errors import push_is_off
from subgraphs.notification.service.ports import Subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """What these use cases work with. Without a `public_key` this installation has no Web Push."""

    subscriptions: Subscriptions
    clock: Clock
    public_key: str | None
    plain: bool


async def subscriptions_of(viewer: UUID, devices: Devices) -> Sequence[Subscription]:
    return (await devices.subscriptions.find([viewer])).get(viewer, ())


async def subscribe(viewer: UUID, endpoint: str, p256dh: str, auth: str, devices: Devices) -> Subscription:
    """Takes a device on; again, with new keys or by another user of the browser, replaces it.

    Beyond the most that one user may have, the oldest goes.

    Raises:
        DomainError: of kind precondition when there is no Web Push here, invalid for what no browser would give.
    """
    if devices.public_key is None:
        raise push_is_off()
    if not is_endpoint(endpoint, plain=devices.plain):
        raise invalid("`endpoint` must be an absolute https URL.", endpoint="not accepted")
    point, secret = key_bytes(p256dh), secret_bytes(auth)
    if point is None:
        raise invalid("`p256dh` is no public key of P-256.", p256dh="no key")
    if secret is None:
        raise invalid("`auth` must be 16 bytes as base64url.", auth="no secret")
    subscription = Subscription(
        id=subscription_id(endpoint),
        user_id=viewer,
        endpoint=endpoint,
        p256dh=point,
        auth=secret,
        created_at=to_millis(devices.clock.now()),
    )
    await devices.subscriptions.keep(subscription)
    for oldest in (await subscriptions_of(viewer, devices))[MOST_FOR_ONE:]:
        await devices.subscriptions.drop(oldest.id, viewer)
    return subscription


async def unsubscribe_device(viewer: UUID, device_id: UUID, devices: Devices) -> bool:
    """False when the viewer has no such device, which is what was wanted."""
    return await devices.subscriptions.drop(device_id, viewer)
