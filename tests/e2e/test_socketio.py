"""Socket.IO with the client of its authors, over two gateways: what a person is told, and when no longer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit.ids import new_id
from tests.e2e.legacy import Person, clients, joined, mailed_token
from tests.integration.gateway.server.conftest import clients as npm_clients
from tests.testkit.product import Product

__all__ = ["clients", "npm_clients"]  # fixtures

pytestmark = pytest.mark.timeout(120)

Event = dict[str, Any]


class Socket:
    """A running client."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def until(self, name: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The data of the next event of that name that fits; what comes before it is dropped."""
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            while line := await self._process.stdout.readline():
                event: Event = json.loads(line)
                if event["event"] == name and fits(event.get("data")):
                    return event.get("data")
        raise AssertionError(f"ended before {name}")

    def emit(self, name: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{name}\n".encode())


@asynccontextmanager
async def connected(folder: Path, url: str, token: str = "") -> AsyncIterator[Socket]:
    process = await asyncio.create_subprocess_exec(
        "node",
        "socketio.mjs",
        url,
        token,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Socket(process)
    finally:
        process.kill()
        await process.communicate()


@pytest.fixture
def people(product: Product, clients: list[httpx2.Client]) -> tuple[Person, Person, str]:
    """Ada on the first gateway, Bob on the second, and a project of theirs."""
    ada = joined(clients[0], "ada")
    workspace = ada.made("/workspaces", {"name": "Sockets"})["id"]
    email = f"bob-{new_id().hex[-10:]}@example.com"
    ada.made(f"/workspaces/{workspace}/invite", {"email": email, "role": "MEMBER"})
    bob = joined(clients[1], "bob", email=email, invitationToken=mailed_token(product, email))
    project = ada.made("/projects", {"workspaceId": workspace, "key": "SOCK", "name": "Sockets"})["id"]
    return ada, bob, project


async def test_notifications_are_pushed_pending_ones_told_and_a_logout_ends_it(
    product: Product, people: tuple[Person, Person, str], npm_clients: Path
) -> None:
    ada, bob, project = people
    me = bob.tokens["user"]["id"]
    ada.made("/tasks", {"projectId": project, "title": "Before", "assigneeIds": [me]})
    async with connected(npm_clients, product.gateways[1], bob.tokens["accessToken"]) as socket:
        await socket.until("connect")
        pending = await socket.until("unread_sync")
        if not pending["notifications"]:  # it was quicker than the event
            await socket.until("notification_received")
        ada.made("/tasks", {"projectId": project, "title": "While", "assigneeIds": [me]})
        told = await socket.until("notification_received", lambda data: "While" in json.dumps(data))
        assert told["unreadCount"] == 2

        bob.ask("PATCH", f"/notifications/{told['notification']['id']}/read")
        socket.emit("unread_sync")
        synced = await socket.until("unread_sync")
        assert (synced["unreadCount"], synced["more"]) == (1, False)
        assert "Before" in json.dumps(synced["notifications"])

        bob.ask("POST", "/auth/logout", {})
        assert await socket.until("disconnect") == "io server disconnect"


async def test_nobody_is_refused_with_a_code(product: Product, npm_clients: Path) -> None:
    for token, code in (("", "UNAUTHENTICATED"), ("forged", "TOKEN_INVALID")):
        async with connected(npm_clients, product.gateways[0], token) as socket:
            assert (await socket.until("connect_error"))["code"] == code
