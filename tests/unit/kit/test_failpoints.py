"""Failpoints do nothing until armed, and then exactly what the setting says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit import failpoints


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


async def test_nothing_happens_until_armed() -> None:
    await failpoints.reach("relay.after_send")


async def test_raises_only_on_the_named_arrival() -> None:
    failpoints.arm("relay.after_send=raise@2")
    await failpoints.reach("relay.after_send")
    await failpoints.reach("other")
    with pytest.raises(failpoints.FailpointReached):
        await failpoints.reach("relay.after_send")
    await failpoints.reach("relay.after_send")


@pytest.mark.parametrize("text", ["x", "x=jump", "x=sleep", "=exit", "x=sleep:a", "x=exit@b", "x=exit:1"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        failpoints.parse(text)
