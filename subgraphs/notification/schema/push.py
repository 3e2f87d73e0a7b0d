"""Web Push: the key that browsers subscribe with, and the devices of the viewer."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry
from strawberry import Info

from kit.errors import invalid
from kit.ids import parse_id
from subgraphs.notification.domain.subscriptions import Subscription, subscription_id
from subgraphs.notification.schema.context import Context
from subgraphs.notification.service.subscriptions import subscribe, unsubscribe_device


@strawberry.type(description="A device on which the viewer is told. Its endpoint is a secret and not shown.")
class WebPushSubscription:
    id: strawberry.ID
    service: str = strawberry.field(description="The host of the push service, by which a browser may be recognised.")
    created_at: datetime

    @classmethod
    def of(cls, device: Subscription) -> Self:
        return cls(id=strawberry.ID(str(device.id)), service=device.service, created_at=device.created_at)


@strawberry.input(description="What `PushSubscription.toJSON()` of a browser gives.")
class WebPushSubscribeInput:
    endpoint: str
    p256dh: str
    auth: str


@strawberry.type
class WebPushSubscribePayload:
    subscription: WebPushSubscription


@strawberry.input(description="One of the two: the id of a device, or the endpoint that the browser knows.")
class WebPushUnsubscribeInput:
    id: strawberry.ID | None = None
    endpoint: str | None = None


@strawberry.type
class WebPushUnsubscribePayload:
    removed: bool = strawberry.field(description="False when there was none.")


@strawberry.type(name="Query")
class PushQuery:
    @strawberry.field(description="The `applicationServerKey` to subscribe with; null where there is no Web Push.")
    def web_push_key(self, info: Info[Context, None]) -> str | None:
        return info.context.devices.public_key


@strawberry.type(name="Mutation")
class PushMutation:
    @strawberry.mutation(description="Takes a device on; again, with new keys, replaces it.")
    async def web_push_subscribe(
        self,
        info: Info[Context, None],
        input: WebPushSubscribeInput,  # noqa: A002
    ) -> WebPushSubscribePayload:
        here = info.context
        device = await subscribe(here.viewer, input.endpoint, input.p256dh, input.auth, here.devices)
        return WebPushSubscribePayload(subscription=WebPushSubscription.of(device))

    @strawberry.mutation(description="Lets a device go; a second time changes nothing.")
    async def web_push_unsubscribe(
        self,
        info: Info[Context, None],
        input: WebPushUnsubscribeInput,  # noqa: A002
    ) -> WebPushUnsubscribePayload:
        here = info.context
        if (input.id is None) == (input.endpoint is None):
            raise invalid("Either `id` or `endpoint` must be given.", id="or endpoint")
        device = parse_id(input.id) if input.id is not None else subscription_id(input.endpoint or "")
        removed = device is not None and await unsubscribe_device(here.viewer, device, here.devices)
        return WebPushUnsubscribePayload(removed=removed)
