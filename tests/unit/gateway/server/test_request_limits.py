"""A caller who has asked for too much is told so on every transport, and nothing is run for them."""

from __future__ import annotations

import pytest

from gateway.executor.ports import Caller
from kit.errors import DomainError
from tests.unit.gateway.server.served import call, serve


class Allowance:
    """Grants so many points."""

    def __init__(self, points: int) -> None:
        self.points = points

    async def admit(self, caller: Caller, weight: int) -> None:
        if weight > self.points:
            raise DomainError.of("RATE_LIMITED", "Too many requests.", limit="session", retryAfter=7)
        self.points -= weight


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "multipart/mixed"])
async def test_it_is_status_429_with_the_limit_and_the_time_to_wait(accept: str) -> None:
    served = serve(limiter=Allowance(0))
    response = await call(served.app, body={"query": "{ hello }"}, headers={"accept": accept})
    assert b'"code":"RATE_LIMITED"' in response.body
    assert b'"limit":"session"' in response.body
    assert served.client.calls == []
    if accept != "multipart/mixed":  # its status was sent before its parts
        assert (response.status, response.headers["retry-after"]) == (429, "7")


async def test_a_request_weighs_itself_and_its_calls_and_a_wrong_one_weighs_too() -> None:
    allowance = Allowance(5)
    app = serve(limiter=allowance).app
    await call(app, body={"query": "{ hello }"})
    assert allowance.points == 3
    await call(app, body={"query": "{ __typename }"})
    assert allowance.points == 2
    await call(app, body={"query": "{ nothing }"})
    assert allowance.points == 1
    await call(app, body={"query": "{"})
    assert allowance.points == 0
