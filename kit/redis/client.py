"""How a process opens Redis. A client made from a URL retries nothing unless told so, hence one place that tells it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

_ANSWER_SECONDS = 5.0
_CONNECT_SECONDS = 2.0
# A peer that vanished without a word is noticed after about 20 s even on a connection that only listens.
_KEEPALIVE = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 3, socket.TCP_KEEPCNT: 3}


@asynccontextmanager
async def redis_client(url: str, name: str) -> AsyncIterator[Redis]:
    """A client that repeats a command up to 4 times within about a second when the connection breaks.

    Commands may therefore run twice: use only what may be repeated. Raises `redis.RedisError` on entry when nobody
    answers.
    """
    client = Redis.from_url(
        url,
        client_name=name,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 4),
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_keepalive=True,
        socket_keepalive_options=_KEEPALIVE,
        health_check_interval=15,
    )
    try:
        await client.ping()
        yield client
    finally:
        await client.aclose()


def listening_client(url: str, name: str) -> Redis:
    """A client for pub/sub alone: it waits for messages without a limit and reports a broken connection at once."""
    return Redis.from_url(
        url,
        client_name=name,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_keepalive=True,
        socket_keepalive_options=_KEEPALIVE,
    )
