"""Preferences and the link that ends mails, through the gateway."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import aiohttp
import pytest

from scripts.clients.api import Account, Api
from scripts.clients.stage import PASSWORD, REGISTER
from scripts.stack.keys import load_or_make
from subgraphs.notification.service.unsubscribing import UnsubscribeTokens
from tests.testkit.product import Product

WISH = """mutation ($input: NotificationPreferencesUpdateInput!) {
  notificationPreferencesUpdate(input: $input) { preferences { quietHours { start end urgentPasses } } }
}"""
SEEN = """{ webPushKey me {
  notificationPreferences { categories { category inApp email webPush } nextDigestAt timeZone }
  notifications(filter: {unread: true, search: "nothing"}) { nodes { id deliveries { status } } }
} }"""

pytestmark = pytest.mark.timeout(120)


async def test_preferences_are_set_and_a_link_ends_mails_of_one_kind(product: Product) -> None:
    async with aiohttp.ClientSession() as http:
        ada = Account(Api(http, [product.gateways[0]]), f"ada-{uuid4().hex[:8]}@example.com", PASSWORD)
        given = {"email": ada.email, "password": PASSWORD, "displayName": "Ada"}
        user_id = UUID((await ada.api.call(REGISTER, {"input": given}))["register"]["user"]["id"])
        await ada.renew("")
        wish = {"quietHours": {"start": "22:00", "end": "07:00", "urgentPasses": False}, "digestHour": 8}
        changed = await ada.call(WISH, {"input": wish})
        assert changed["notificationPreferencesUpdate"]["preferences"]["quietHours"] == wish["quietHours"]

        secret = load_or_make(product.stack.folder).seeds["notification"]
        link = product.gateways[1] + "/unsubscribe"
        token = {"token": UnsubscribeTokens(secret).make(user_id, "sla.reminder")}
        async with http.get(link, params=token) as page:
            assert page.status == 200
            assert "<form" in await page.text()
        assert (await mailed(ada))["sla.reminder"] is True
        async with http.post(link, params=token, data={"List-Unsubscribe": "One-Click"}) as done:
            assert done.status == 200
        async with asyncio.timeout(30):
            while (kinds := await mailed(ada))["sla.reminder"]:  # noqa: ASYNC110 (another process sets no event)
                await asyncio.sleep(0.1)
        assert kinds["sla.escalation"] is True
        async with http.post(link, params={"token": token["token"][:-1]}) as forged:
            assert forged.status == 400


async def mailed(account: Account) -> dict[str, bool]:
    """Of each category, whether it is mailed."""
    seen = await account.call(SEEN, {})
    assert seen["webPushKey"]
    assert seen["me"]["notificationPreferences"]["nextDigestAt"]
    return {one["category"]: one["email"] for one in seen["me"]["notificationPreferences"]["categories"]}
