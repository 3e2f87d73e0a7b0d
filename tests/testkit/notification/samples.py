"""Owns samples: people, tasks and events that tests of the notification subgraph talk about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kit.ids import derive_id, new_id
from subgraphs.notification.domain.deliveries import Delivery, Letter, Push
from subgraphs.notification.domain.notices import AccountLink, Alert, Invitation, Purpose, Remark, Task
from subgraphs.notification.domain.notifications import Category, Notification, notification_id
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.domain.subscriptions import Subscription, subscription_id
from subgraphs.notification.mail.letters import TemplateLetters
from subgraphs.notification.service.links import Links
from subgraphs.notification.service.ports import Cause
from subgraphs.notification.service.unsubscribing import UnsubscribeTokens

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WORKSPACE = derive_id("sample", "workspace")
PROJECT = derive_id("sample", "project")
ADA, BOB, EVE = (derive_id("sample", name) for name in ("ada", "bob", "eve"))


TOKENS = UnsubscribeTokens("a secret of the tests")


class ManualClock:
    """Shows the time that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by


def cause(topic: str = "task.created", event_id: UUID | None = None) -> Cause:
    return Cause(event_id=event_id or new_id(), topic=topic, at=NOW)


def profile(user_id: UUID, name: str, **changes: Any) -> Profile:
    values: dict[str, Any] = {
        "user_id": user_id,
        "email": f"{name.lower()}@example.com",
        "display_name": name,
        "locale": "en",
        "time_zone": "Europe/Berlin",
        "version": 1,
    }
    return Profile(**(values | changes))


def task(**changes: Any) -> Task:
    values: dict[str, Any] = {
        "id": derive_id("sample", "task"),
        "workspace_id": WORKSPACE,
        "project_id": PROJECT,
        "key": "ENG-42",
        "title": "Write the plan",
        "status": "in_progress",
        "assignee_ids": (BOB,),
        "watcher_ids": (ADA,),
    }
    return Task(**(values | changes))


def remark(text: str = "Looks good", author_id: UUID = BOB, **changes: Any) -> Remark:
    values: dict[str, Any] = {"id": new_id(), "text": text, "author_id": author_id, "mentioned_ids": ()}
    return Remark(**(values | changes))


def alert(**changes: Any) -> Alert:
    values: dict[str, Any] = {
        "category": Category.SLA_REMINDER,
        "workspace_id": WORKSPACE,
        "project_id": PROJECT,
        "task_id": derive_id("sample", "task"),
        "task_key": "ENG-42",
        "title": "Write the plan",
        "recipient_ids": (BOB,),
        "due_at": NOW + timedelta(hours=24),
        "fired_at": NOW,
    }
    return Alert(**(values | changes))


def invitation(**changes: Any) -> Invitation:
    values: dict[str, Any] = {
        "id": derive_id("sample", "invitation"),
        "workspace_id": WORKSPACE,
        "workspace_name": "Engines",
        "email": "bob@example.com",
        "role": "MEMBER",
        "inviter_name": "Ada",
        "token": "secret-token",
        "expires_at": NOW + timedelta(days=14),
    }
    return Invitation(**(values | changes))


def account_link(**changes: Any) -> AccountLink:
    values: dict[str, Any] = {
        "id": derive_id("sample", "link"),
        "purpose": Purpose.PASSWORD_RESET,
        "email": "bob@example.com",
        "display_name": "Bob",
        "token": "secret-token",
        "expires_at": NOW + timedelta(hours=1),
    }
    return AccountLink(**(values | changes))


def notification(user_id: UUID = BOB, event_id: UUID | None = None, **changes: Any) -> Notification:
    values: dict[str, Any] = {
        "id": notification_id(event_id or new_id(), user_id, Category.TASK_ASSIGNED, NOW),
        "user_id": user_id,
        "category": Category.TASK_ASSIGNED,
        "title": "Ada assigned ENG-42 to you",
        "body": "Write the plan",
        "workspace_id": WORKSPACE,
        "project_id": PROJECT,
        "task_id": derive_id("sample", "task"),
        "created_at": NOW,
    }
    return Notification(**(values | changes))


def delivery(**changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": new_id(),
        "recipient": "bob@example.com",
        "letter": Letter(subject="Hello", text="Hello", html="<p>Hello</p>"),
        "category": Category.SLA_REMINDER,
        "workspace_id": WORKSPACE,
        "task_id": None,
        "created_at": NOW,
    }
    return Delivery(**(values | changes))


def push(**changes: Any) -> Push:
    values: dict[str, Any] = {
        "id": new_id(),
        "subscription_id": derive_id("sample", "device"),
        "notification_id": new_id(),
        "user_id": BOB,
        "category": Category.TASK_ASSIGNED,
        "title": "Ada assigned ENG-42 to you",
        "body": "Write the plan",
        "url": "https://tasks.example/tasks/ENG-42",
        "task_id": derive_id("sample", "task"),
        "created_at": NOW,
    }
    return Push(**(values | changes))


def device(name: str = "phone", user_id: UUID = BOB, **changes: Any) -> Subscription:
    endpoint = f"https://push.example/{name}"
    values: dict[str, Any] = {
        "id": subscription_id(endpoint),
        "user_id": user_id,
        "endpoint": endpoint,
        "p256dh": b"p" * 65,
        "auth": b"a" * 16,
        "created_at": NOW,
    }
    return Subscription(**(values | changes))


def letters(public_url: str = "https://tasks.example/") -> TemplateLetters:
    return TemplateLetters(Links(public_url), TOKENS)
