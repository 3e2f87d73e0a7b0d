"""The running process on real engines: what stands in an inbox, who sees it, and what becomes of poison."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from kit.ids import new_id
from kit.kafka import Record, dead_letter_topic
from proto.events import NotificationCreated
from scripts.engines.smtp import SmtpSink
from tests.testkit.notification.payloads import alerted, commented, created, invited, moved, task_entity
from tests.testkit.notification.process import CONSUMED, INBOX, Instance, Surroundings, surroundings
from tests.testkit.notification.push import Browser, push_service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENTITY = """query ($id: ID!) {
  _entities(representations: [{__typename: "Notification", id: $id}]) { __typename }
}"""
MARK = """mutation ($id: ID!) {
  notificationMarkRead(input: {id: $id}) { unreadCount notification { id readAt version } }
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def around(
    mongo_url: str, kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Surroundings]:
    async with surroundings(mongo_url, kafka_bootstrap, tmp_path_factory.mktemp("notification")) as opened:
        yield opened


@pytest.fixture(scope="module")
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as listening:
        yield listening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def instance(around: Surroundings, sink: SmtpSink) -> Instance:
    return await around.start(smtp_url=sink.url)


ARCHIVE = "mutation ($id: ID!) { notificationArchive(input: {id: $id}) { unreadCount } }"
SNOOZE = """mutation ($id: ID!, $until: DateTime!) {
  notificationSnooze(input: {id: $id, until: $until}) { unreadCount }
}"""
LISTED = """query ($user: ID!, $filter: NotificationFilter) {
  _entities(representations: [{__typename: "User", id: $user}]) { ... on User {
    unreadCount notifications(filter: $filter) { nodes { id } }
  } }
}"""
PREFERENCES = """mutation ($input: NotificationPreferencesUpdateInput!, $project: ID!) {
  notificationPreferencesUpdate(input: $input) { preferences { timeZone } }
  notificationProjectMute(input: {projectId: $project}) { preferences { mutedProjects { project { id } } } }
}"""
WISHES = {
    "choices": [{"category": "task.status", "channel": "EMAIL", "enabled": True}],
    "quietHours": {"start": "22:00", "end": "07:00"},
    "digestHour": 8,
}
SUBSCRIBE = """mutation ($input: WebPushSubscribeInput!) {
  webPushSubscribe(input: $input) { subscription { id service } }
}"""
COURSE = """query ($user: ID!) { _entities(representations: [{__typename: "User", id: $user}]) { ... on User {
  webPushSubscriptions { service }
  notifications { nodes { deliveries { channel status attempts { reason } } } }
} } }"""
UNSUBSCRIBE = "mutation ($token: String!) { notificationUnsubscribe(input: {token: $token}) { kind } }"


async def by_category(instance: Instance, user: UUID) -> tuple[str, str]:
    """The ids of the notifications about the status and the assignment, as soon as both are there."""
    nodes = {node["category"]: node["id"] for node in await instance.inbox_with(user, 2)}
    return nodes["task.status"], nodes["task.assigned"]


class TestDeliveries:
    async def test_an_alert_reaches_device_and_mailbox_and_its_mails_end_with_one_click(
        self, around: Surroundings, instance: Instance, sink: SmtpSink
    ) -> None:
        bob, phone, tablet = around.auth.add("bob"), Browser(), Browser()
        async with push_service() as service:
            service.answers = {"phone": [(503, {})], "tablet": [(410, {})]}
            for name, browser in (("phone", phone), ("tablet", tablet)):
                device = {"endpoint": service.endpoint(name), **browser.keys()}
                answer = await instance.ask(bob, SUBSCRIBE, {"input": device})
                assert answer["data"]["webPushSubscribe"]["subscription"]["service"] == "127.0.0.1"
            task = task_entity(new_id(), bob)
            await around.publish(alerted(task, bob), task.id)
            _, taken = await service.until("phone", 2)
            await service.until("tablet")
        told = taken.told(phone)
        [node] = await instance.inbox_with(bob, 1)
        assert (told["id"], told["title"]) == (node["id"], node["title"])
        [mail] = await sink.wait_for(1, to=around.auth.email(bob))
        deliveries, devices = await self.settled(instance, bob)
        assert sorted((one["channel"], one["status"], len(one["attempts"])) for one in deliveries) == [
            ("EMAIL", "SENT", 1),
            ("WEB_PUSH", "REFUSED", 1),
            ("WEB_PUSH", "SENT", 2),
        ]
        assert devices == [{"service": "127.0.0.1"}]

        token = str(mail.message["List-Unsubscribe"]).strip("<>").partition("token=")[2]
        stranger = {"taskflow-internal": around.gateway.mint(None, "notification")}
        ended = await instance.post({"query": UNSUBSCRIBE, "variables": {"token": token}}, stranger)
        assert ended["data"]["notificationUnsubscribe"] == {"kind": "sla.reminder"}
        forged = await instance.post({"query": UNSUBSCRIBE, "variables": {"token": token[:-1]}}, stranger)
        assert forged["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"

    async def settled(self, instance: Instance, user: UUID) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Deliveries and devices as soon as nothing waits any more. Raises TimeoutError."""
        async with asyncio.timeout(20):
            while True:
                answer = (await instance.ask(user, COURSE, {"user": str(user)}))["data"]["_entities"][0]
                deliveries = answer["notifications"]["nodes"][0]["deliveries"]
                if all(one["status"] != "QUEUED" for one in deliveries):
                    return deliveries, answer["webPushSubscriptions"]
                await asyncio.sleep(0.05)


class TestInvitation:
    async def test_an_invitation_brings_the_token_to_who_has_no_account(
        self, around: Surroundings, instance: Instance, sink: SmtpSink
    ) -> None:
        email = f"eve-{new_id().hex[-8:]}@example.com"
        invitation, event_id = new_id(), new_id()
        for _ in range(2):
            await around.publish(invited(email), invitation, event_id)
        later = f"later-{email}"
        await around.publish(invited(later), invitation)  # the same key: applied after both
        await sink.wait_for(1, to=later)
        [mail] = await sink.wait_for(1, to=email)
        assert "#token=a-secret-token" in mail.text()


class TestPoison:
    async def test_is_set_aside_with_its_reason_and_the_partition_goes_on(
        self, around: Surroundings, instance: Instance
    ) -> None:
        async with around.reading(*(dead_letter_topic(topic, "notification") for topic in CONSUMED)) as dead:
            keys = {topic: new_id() for topic in CONSUMED}
            followers = {topic: around.auth.add("bob") for topic in CONSUMED}
            for topic, key in keys.items():
                await around.publisher.send(poison(topic, key))
                await around.publish(moved(task_entity(followers[topic]), new_id()), key)
            for topic, key in keys.items():
                found = [dict(record.headers) for record in await dead.until(key, 2, seconds=40)]
                assert f"does not fit {topic}" in found[0]["dlq_reason"].decode()
                assert "Header ce_time is missing" in found[1]["dlq_reason"].decode()
                assert {headers["dlq_code"] for headers in found} == {b"EVENT_MALFORMED"}
                assert {headers["dlq_topic"] for headers in found} == {topic.encode()}
                assert len(await instance.inbox_with(followers[topic], 1)) == 1


def poison(topic: str, key: UUID) -> list[Record]:
    """An event whose data fit no contract, and bytes that are no event."""
    headers = (
        ("ce_id", str(new_id()).encode()),
        ("ce_type", topic.encode()),
        ("ce_source", b"test"),
        ("ce_time", b"2026-11-24T12:00:00+00:00"),
        ("ce_subject", str(key).encode()),
    )
    return [
        Record(topic=topic, key=str(key).encode(), value=b'{"nothing": "fits"}', headers=headers),
        Record(topic=topic, key=str(key).encode(), value=b"\xff\x00", headers=()),
    ]


class TestInbox:
    async def test_is_paged_marked_and_counted(self, around: Surroundings, instance: Instance) -> None:
        ada, bob, eve = (around.auth.add(name) for name in ("ada", "bob", "eve"))
        task = task_entity(ada, bob)
        for count, payload in enumerate((created(task), moved(task, ada), commented(task, ada)), 1):
            await around.publish(payload, task.id)  # each topic has an order of its own
            nodes = await instance.inbox_with(bob, count)
        assert [node["category"] for node in nodes] == ["comment.added", "task.status", "task.assigned"]
        assert nodes[0]["task"] == {"id": str(task.id)}
        assert nodes[0]["workspace"] == {"id": str(task.workspace_id)}

        page = (await instance.inbox(bob, first=2))["notifications"]
        assert page["pageInfo"]["hasNextPage"] is True
        rest = (await instance.inbox(bob, first=2, after=page["pageInfo"]["endCursor"]))["notifications"]
        assert [node["id"] for node in page["nodes"] + rest["nodes"]] == [node["id"] for node in nodes]
        assert rest["pageInfo"]["hasNextPage"] is False

        marked = (await instance.ask(bob, MARK, {"id": nodes[1]["id"]}))["data"]["notificationMarkRead"]
        assert marked["unreadCount"] == 2
        assert marked["notification"]["readAt"] is not None
        unread = await instance.inbox(bob, unreadOnly=True)
        assert [node["id"] for node in unread["notifications"]["nodes"]] == [nodes[0]["id"], nodes[2]["id"]]
        assert unread["unreadCount"] == 2

        for foreign in (nodes[0]["id"], str(new_id()), "no id"):
            refused = await instance.ask(eve, MARK, {"id": foreign})
            assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        query = (
            'query ($id: ID!) { _entities(representations: [{__typename: "Notification", id: $id}]) { __typename } }'
        )
        assert (await instance.ask(eve, query, {"id": nodes[0]["id"]}))["data"] == {"_entities": [None]}
        foreign_inbox = await instance.ask(eve, INBOX, {"user": str(bob)})
        assert {error["extensions"]["code"] for error in foreign_inbox["errors"]} == {"NOT_FOUND"}
        assert foreign_inbox["data"]["_entities"] == [{"unreadCount": None, "notifications": None}]

        everything = await instance.ask(bob, "mutation { notificationsMarkAllRead { markedCount unreadCount } }")
        assert everything["data"]["notificationsMarkAllRead"] == {"markedCount": 2, "unreadCount": 0}
        assert (await instance.inbox(bob, unreadOnly=True))["notifications"]["nodes"] == []

    async def test_is_put_away_put_off_searched_and_set(self, around: Surroundings, instance: Instance) -> None:
        ada, bob = around.auth.add("ada"), around.auth.add("bob")
        task = task_entity(ada, bob)
        await around.publish(created(task), task.id)
        await around.publish(moved(task, ada), task.id)
        status, assigned = await by_category(instance, bob)
        archived = (await instance.ask(bob, ARCHIVE, {"id": status}))["data"]["notificationArchive"]
        assert archived["unreadCount"] == 1
        until = datetime.now(UTC) + timedelta(milliseconds=1500)
        put_off = (await instance.ask(bob, SNOOZE, {"id": assigned, "until": until.isoformat()}))["data"]
        assert put_off["notificationSnooze"]["unreadCount"] == 0
        shown = await instance.ask(bob, LISTED, {"user": str(bob), "filter": {"place": "ARCHIVED"}})
        assert shown["data"]["_entities"][0]["notifications"]["nodes"] == [{"id": status}]
        async with around.reading(NotificationCreated.TOPIC) as out:
            await out.until(bob)
        found = {"search": "PLAN", "categories": ["task.assigned"], "projectId": str(task.project_id)}
        again = (await instance.ask(bob, LISTED, {"user": str(bob), "filter": found}))["data"]["_entities"][0]
        assert again == {"unreadCount": 1, "notifications": {"nodes": [{"id": assigned}]}}

        changed = await instance.ask(bob, PREFERENCES, {"input": WISHES, "project": str(task.project_id)})
        assert changed["data"]["notificationProjectMute"]["preferences"]["mutedProjects"] == [
            {"project": {"id": str(task.project_id)}}
        ]
        await around.publish(commented(task, ada), task.id)
        later = task_entity(ada, bob)
        await around.publish(created(later), later.id)
        nodes = await instance.inbox_with(bob, 2)
        assert [node["category"] for node in nodes] == ["task.assigned", "task.assigned"]

    async def test_wrong_wishes_are_refused_and_change_nothing(self, around: Surroundings, instance: Instance) -> None:
        bob = around.auth.add("bob")
        for wrong in (
            {"digestHour": 24},
            {"quietHours": {"start": "7", "end": "22:00"}},
            {"quietHours": {"start": "07:00", "end": "07:00"}},
            {"choices": [{"category": "nothing", "channel": "EMAIL", "enabled": True}], "digestHour": 1},
        ):
            answer = await instance.ask(bob, PREFERENCES, {"input": wrong, "project": str(new_id())})
            assert answer["errors"][0]["extensions"]["code"] == "BAD_INPUT"
        for filters in ({"categories": ["nothing"]}, {"projectId": "x"}, {"search": "x" * 201}):
            answer = await instance.ask(bob, LISTED, {"user": str(bob), "filter": filters})
            assert answer["errors"][0]["extensions"]["code"] == "BAD_INPUT"

    async def test_wrong_pages_are_refused_with_their_codes(self, around: Surroundings, instance: Instance) -> None:
        bob = around.auth.add("bob")
        for variables, code in (
            ({"first": 0}, "BAD_INPUT"),
            ({"first": 101}, "BAD_INPUT"),
            ({"after": "x"}, "CURSOR_INVALID"),
        ):
            answer = await instance.ask(bob, INBOX, {"user": str(bob), **variables})
            assert [error["extensions"]["code"] for error in answer["errors"]] == [code]

    async def test_nobody_comes_in_without_the_gateway(self, around: Surroundings, instance: Instance) -> None:
        for headers in ({}, {"taskflow-internal": "forged"}):
            answer = await instance.post({"query": "{ __typename }"}, headers)
            assert answer["errors"][0]["extensions"]["code"] == "GATEWAY_REQUIRED"
        service = around.gateway.mint(None, "notification")
        answer = await instance.post(
            {"query": "mutation { notificationsMarkAllRead { unreadCount } }"}, {"taskflow-internal": service}
        )
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    async def test_a_stop_is_clean(self, around: Surroundings, sink: SmtpSink) -> None:
        second = await around.start(smtp_url=sink.url)
        assert await second.terminate() == 0
