"""Legacy clients: people who know nothing but REST, a client of each gateway, and the mails they get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from kit.ids import new_id
from tests.testkit.product import Product
from tests.testkit.waiting import eventually_now

PASSWORD = "correct horse battery staple"
PATIENCE = 30.0


@dataclass
class Person:
    """Somebody with a session."""

    http: httpx2.Client
    email: str
    tokens: dict[str, Any]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        sent = {"authorization": f"Bearer {self.tokens['accessToken']}", **headers}
        return self.http.request(method, f"/api/v1{path}", json=body, headers=sent)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.ask("POST", path, body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


def joined(http: httpx2.Client, name: str, **invited: str) -> Person:
    """Somebody new, logged in."""
    email = invited.pop("email", f"{name}-{new_id().hex[-10:]}@example.com")
    account = {"email": email, "password": PASSWORD, "displayName": name.capitalize(), **invited}
    assert http.post("/api/v1/auth/register", json=account).status_code == 201
    tokens = http.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    assert tokens.status_code == 200, tokens.text
    return Person(http, email, tokens.json())


@pytest.fixture
def clients(product: Product) -> Iterator[list[httpx2.Client]]:
    """A client of each gateway."""
    opened = [httpx2.Client(base_url=url, timeout=15) for url in product.gateways]
    yield opened
    for one in opened:
        one.close()


def mailed_token(product: Product, email: str) -> str:
    """The token of an invitation's mail, once it is there."""
    found: list[str] = []

    def arrived() -> bool:
        mails = httpx2.get(f"{product.mail}/api/messages", params={"to": email}, timeout=5).json()
        found.extend(re.findall(r"#token=([\w-]+)", "".join(mail["text"] for mail in mails)))
        return bool(found)

    eventually_now(arrived, PATIENCE)
    return found[0]
