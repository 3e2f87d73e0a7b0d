import asyncio

import pytest

from gateway.live.listener import Delivery, EventsLost, Listener
from kit.errors import DomainError


def delivery(number: int) -> Delivery:
    return Delivery("t", {"id": str(number)})


async def test_items_are_read_in_the_order_of_the_offers() -> None:
    listener = Listener()
    items: list[Delivery | EventsLost] = [delivery(1), EventsLost("t"), delivery(2)]
    for item in items:
        listener.offer(item)
    assert [await listener.next() for _ in items] == items


async def test_a_waiting_reader_is_woken() -> None:
    listener = Listener()
    reading = asyncio.create_task(listener.next())
    await asyncio.sleep(0)
    listener.offer(delivery(1))
    assert await reading == delivery(1)


async def test_a_full_queue_ends_the_listener_and_frees_what_it_held() -> None:
    listener = Listener(capacity=2)
    for number in range(3):
        listener.offer(delivery(number))
    with pytest.raises(DomainError) as ended:
        await listener.next()
    assert ended.value.code == "SLOW_CONSUMER"
    listener.offer(delivery(4))
    with pytest.raises(DomainError):
        await listener.next()


async def test_a_replay_may_exceed_the_capacity() -> None:
    listener = Listener(capacity=1)
    for number in range(3):
        listener.offer(delivery(number), replay=True)
    assert [await listener.next() for _ in range(3)] == [delivery(0), delivery(1), delivery(2)]
