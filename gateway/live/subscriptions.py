"""A live field as one subscriber sees it: who may listen, what reaches it, when it ends.

Invariant: nothing is delivered before the gate opened, nor after the session ended; when a membership of the viewer
changes, the gate is asked again before anything further is delivered.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from gateway.live.directive import LiveField
from gateway.live.listener import Delivery, EventsLost, Listener
from gateway.live.pod import Pod
from gateway.live.template import UnusableTopicValue
from kit.errors import DomainError

SESSION_REVOKED = "session.revoked"
ACCESS_CHANGED = frozenset({"workspace.member.changed", "project.access.changed"})
"""After these about the viewer the gate is asked again."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever subscribes, as the identity layer verified it."""

    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class LiveValue:
    """A value of the field. `event_id` is what a client passes as `after` to resume."""

    event_id: str
    value: Any
    traceparent: str | None


Gate = Callable[[LiveField, Mapping[str, Any]], Awaitable[None]]
"""Returns when the viewer may listen. Raises DomainError otherwise, also when that cannot be found out."""


async def live_values(
    pod: Pod, field: LiveField, arguments: Mapping[str, Any], viewer: Viewer, gate: Gate
) -> AsyncGenerator[LiveValue | EventsLost]:
    """Yields the field's values until the viewer loses access.

    Ends by raising DomainError: what the gate says (at the start or later), SESSION_ENDED, SLOW_CONSUMER.
    Raises RedisError when the pod cannot register.
    """
    try:
        topic = field.topic.render(arguments, {"id": viewer.user_id})
    except UnusableTopicValue as error:
        raise DomainError.of("NOT_FOUND", "There is no such thing.") from error
    listener = Listener()
    try:
        # Control topics first, the gate next: a revocation between the two is already in the queue.
        for control in {f"session:{viewer.session_id}", f"user:{viewer.user_id}"} - {topic}:
            await pod.attach(listener, control)
        await _require(gate, field, arguments)
        await pod.attach(listener, topic, after=arguments.get("after"))
        async with aclosing(_filtered(listener, topic, field, arguments, gate)) as values:
            async for value in values:
                yield value
    finally:
        await pod.detach(listener)


async def session_ended(pod: Pod, session_id: str) -> None:
    """Returns when the session is revoked. Lost events are no reason: the caller verifies the session now and then."""
    listener = Listener()
    try:
        await pod.attach(listener, f"session:{session_id}")
        while True:
            item = await listener.next()
            if isinstance(item, Delivery) and item.event["type"] == SESSION_REVOKED:
                return
    finally:
        await pod.detach(listener)


async def _filtered(
    listener: Listener, topic: str, field: LiveField, arguments: Mapping[str, Any], gate: Gate
) -> AsyncGenerator[LiveValue | EventsLost]:
    while True:
        item = await listener.next()
        if isinstance(item, EventsLost):
            await _require(gate, field, arguments)  # the lost event may have been about a membership
            if item.topic == topic:
                yield item
            continue
        event = item.event
        if event["type"] == SESSION_REVOKED:
            raise DomainError.of("SESSION_ENDED", "The session has ended.")
        if event["type"] in ACCESS_CHANGED:
            await _require(gate, field, arguments)
        if item.topic == topic and event["type"] in field.events:
            yield LiveValue(event["id"], field.value.build(event), event.get("traceparent"))


async def _require(gate: Gate, field: LiveField, arguments: Mapping[str, Any]) -> None:
    await gate(field, {name: arguments.get(name) for name in field.gate_variables})
