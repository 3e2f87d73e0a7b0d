"""Owns what becomes of dead letters: each stays open until it was replayed or discarded, and that is written down.

Decisions stand in a compacted topic, so they outlive whoever made them. A replay sends the event to the topic it came
from, under its own id: who has applied it does nothing, the group that failed tries again. The decision is written
after the event is sent; killed in between, the letter is still open and its repetition has no further effect.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kit.clock import Clock
from kit.kafka import Publisher, Record, ensure_topics, publisher
from scripts.ops.letters import Address, Letter, dead_letter_topics, read_letters, read_one, records

DECISIONS = "dead-letter-decisions"
_COMPACTED = {"cleanup.policy": "compact"}


class Refused(Exception):
    """What was asked for would lose an event or its order; nothing was done."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which open letters are meant; a field that is None leaves it open."""

    topic: str | None = None
    group: str | None = None
    code: str | None = None

    def covers(self, letter: Letter) -> bool:
        """Whether the letter is meant."""
        return (
            self.topic in (None, letter.about.get("topic"))
            and self.group in (None, letter.group)
            and self.code in (None, letter.about.get("code"))
        )


class Desk:
    """The open letters of one Kafka."""

    def __init__(self, bootstrap: Sequence[str], sender: Publisher, clock: Clock) -> None:
        self._bootstrap = bootstrap
        self._sender = sender
        self._clock = clock

    async def open_letters(self) -> list[Letter]:
        """Every letter that nobody has decided about, by address. Raises KafkaError."""
        decided = {record.key async for record in records(self._bootstrap, [DECISIONS])}
        letters = await read_letters(self._bootstrap, await dead_letter_topics(self._bootstrap))
        return [letter for letter in letters if letter.mark not in decided]

    async def replay(self, chosen: Collection[Letter], open_letters: Sequence[Letter]) -> AsyncIterator[Letter]:
        """Sends letters again in the order in which they failed, and yields each that is done.

        Raises Refused before the first is sent when an earlier letter of the same key would be overtaken or a value is
        lost; `DomainError` UNAVAILABLE and KafkaError in between: those not yielded are still open.
        """
        ordered = sorted(chosen, key=lambda letter: letter.address)
        _refuse_overtaking(ordered, open_letters)
        whole = [
            Record(topic=one.source.topic, key=one.key, value=await self._value(one), headers=one.headers)
            for one in ordered
        ]
        for letter, record in zip(ordered, whole, strict=True):
            await self._sender.send([record])
            await self._decide(letter, "replayed", "")
            yield letter

    async def discard(self, chosen: Collection[Letter], reason: str) -> None:
        """Closes letters for good; the events are never applied. Raises `DomainError` UNAVAILABLE."""
        for letter in sorted(chosen, key=lambda one: one.address):
            await self._decide(letter, "discarded", reason)

    async def _value(self, letter: Letter) -> bytes | None:
        if not letter.value_dropped:
            return letter.value
        record = await read_one(self._bootstrap, letter.source)
        if record is None:
            raise Refused(f"{letter.address}: the event was too large for a letter and is no longer at {letter.source}")
        value: bytes | None = record.value
        return value

    async def _decide(self, letter: Letter, verdict: str, reason: str) -> None:
        said = {
            "letter": str(letter.address),
            "verdict": verdict,
            "reason": reason,
            "at": self._clock.now().isoformat(),
        }
        await self._sender.send([Record(topic=DECISIONS, key=letter.mark, value=json.dumps(said).encode(), headers=())])


@asynccontextmanager
async def desk(bootstrap: Sequence[str], clock: Clock) -> AsyncIterator[Desk]:
    """A desk for the length of a block. Raises KafkaError when there is no Kafka."""
    await ensure_topics(bootstrap, [DECISIONS], settings=_COMPACTED)
    async with publisher(bootstrap, [], "dead-letter-desk") as sender:
        yield Desk(bootstrap, sender, clock)


def _refuse_overtaking(chosen: Sequence[Letter], open_letters: Sequence[Letter]) -> None:
    going = {letter.address for letter in chosen}
    last: dict[tuple[str, bytes | None], Address] = {
        (letter.address.topic, letter.key): letter.address for letter in chosen if letter.key is not None
    }
    left = [
        str(letter.address)
        for letter in open_letters
        if letter.address not in going
        and (behind := last.get((letter.address.topic, letter.key))) is not None
        and letter.address < behind
    ]
    if left:
        raise Refused(f"earlier events of the same key are still open: {', '.join(left)}; replay or discard them too")
