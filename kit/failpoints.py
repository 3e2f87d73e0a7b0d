"""Owns named places where fault tests stop, delay or kill a process; without a setting they do nothing.

`TASKFLOW_FAILPOINTS` is `name=action` separated by `;`. An action is `exit`, `raise` or `sleep:<seconds>`, and takes
effect on every arrival, or only on the nth one when `@n` follows:
`relay.after_send=exit@3;consumer.before_commit=sleep:2`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass


class FailpointReached(Exception):
    """What a failpoint with the action `raise` raises."""


@dataclass(frozen=True, slots=True)
class Action:
    """What happens at a failpoint."""

    verb: str
    seconds: float = 0.0
    only_arrival: int | None = None


_actions: dict[str, Action] = {}
_arrivals: dict[str, int] = {}


def parse(text: str) -> Mapping[str, Action]:
    """Reads the setting. Raises `ValueError` that names the part it cannot read."""
    return dict(_parse_one(part.strip()) for part in text.split(";") if part.strip())


def _parse_one(part: str) -> tuple[str, Action]:
    name, _, action = part.partition("=")
    action, _, nth = action.partition("@")
    verb, _, argument = action.partition(":")
    if not name or verb not in {"exit", "raise", "sleep"} or (verb == "sleep") != bool(argument):
        raise ValueError(f"failpoint {part!r} is not name=exit|raise|sleep:<seconds>[@n]")
    return name.strip(), Action(verb, float(argument or 0), int(nth) if nth else None)


def arm(text: str) -> None:
    """Replaces what is armed; the empty text disarms everything."""
    _actions.clear()
    _arrivals.clear()
    _actions.update(parse(text))


async def reach(name: str) -> None:
    """Passes a failpoint. Raises `FailpointReached`, sleeps or ends the process when armed so."""
    if not _actions:
        return
    action = _actions.get(name)
    if action is None:
        return
    _arrivals[name] = _arrivals.get(name, 0) + 1
    if action.only_arrival is not None and _arrivals[name] != action.only_arrival:
        return
    if action.verb == "exit":
        os._exit(137)
    if action.verb == "raise":
        raise FailpointReached(name)
    await asyncio.sleep(action.seconds)
