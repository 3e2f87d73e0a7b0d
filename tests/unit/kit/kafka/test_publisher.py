"""A publisher whose broker is away."""

from __future__ import annotations

import pytest

from kit.errors import DomainError, Kind
from kit.kafka import Record, publisher
from scripts.engines.ports import LOOPBACK, free_port


async def test_preparing_waits_for_nobody_and_sending_says_so() -> None:
    async with publisher([f"{LOOPBACK}:{free_port()}"], ["a.topic"], "test") as sender:
        await sender.prepare()
        with pytest.raises(DomainError) as refused:
            await sender.send([Record(topic="a.topic", key=b"key", value=b"{}", headers=())])
    assert refused.value.kind is Kind.UNAVAILABLE
