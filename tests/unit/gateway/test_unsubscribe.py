"""The link at the end of a mail: opened it asks, posted it acts, and it never acts by being opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import ASGITransport, AsyncClient

from gateway.executor.ports import Caller
from gateway.identity import Stranger
from gateway.pipeline.answer import Answer
from gateway.server.incoming import Parameters
from gateway.unsubscribe import Unsubscribe
from kit.identity import InternalTokens, new_seed


class Engine:
    """Answers with the errors that a test gives."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []

    async def execute(self, parameters: Parameters, caller: Caller, *, read_only: bool = False) -> Answer:
        self.asked.append(parameters.variables)
        return Answer(errors=self.errors)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def client(engine: Engine) -> AsyncIterator[AsyncClient]:
    stranger = Stranger(InternalTokens(new_seed(), "gateway"), None)
    app = Unsubscribe(engine, stranger)  # type: ignore[arg-type]
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://here") as opened:
        yield opened


async def test_opening_it_asks_and_changes_nothing(client: AsyncClient, engine: Engine) -> None:
    page = await client.get("/unsubscribe?token=abc-D_1")
    assert page.status_code == 200
    assert 'action="/unsubscribe?token=abc-D_1"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert engine.asked == []


async def test_posting_it_as_mail_programs_do_ends_the_mails(client: AsyncClient, engine: Engine) -> None:
    answer = await client.post("/unsubscribe?token=abc", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert engine.asked == [{"token": "abc"}]


@pytest.mark.parametrize(("code", "status"), [("TOKEN_INVALID", 400), ("UNAVAILABLE", 503)])
async def test_what_went_wrong_is_said_by_the_status(
    client: AsyncClient, engine: Engine, code: str, status: int
) -> None:
    engine.errors = [{"message": "no", "extensions": {"code": code}}]
    assert (await client.post("/unsubscribe?token=abc")).status_code == status


@pytest.mark.parametrize("token", ['"><script>alert(1)</script>', "a b", "é", "x" * 501, ""])
async def test_what_is_no_token_is_never_shown(client: AsyncClient, token: str) -> None:
    page = await client.get(f"/unsubscribe?token={quote(token)}")
    assert page.status_code == 400
    assert "<form" not in page.text
    assert "script" not in page.text


async def test_other_requests_are_refused(client: AsyncClient, engine: Engine) -> None:
    assert (await client.put("/unsubscribe?token=abc")).status_code == 405
    assert (await client.get("/unsubscribe/abc")).status_code == 404
    assert (await client.post("/unsubscribe?token=abc", content=b"x" * 5000)).status_code == 413
    assert engine.asked == []
