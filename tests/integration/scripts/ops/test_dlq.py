"""An operator's way with dead letters: they are listed, shown, replayed in order, discarded; each is decided once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from kit.errors import invalid
from kit.kafka import Envelope, Publisher, Record, dead_letter_topic
from scripts.ops.dlq_command import main
from tests.integration.kit.kafka.conftest import consumer, event, running, sender, stands_in, topic, until

__all__ = ["sender", "topic"]  # fixtures


@dataclass
class Picky:
    """A handler that refuses events until it is mended."""

    mended: bool = False
    applied: list[bytes] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    async def __call__(self, got: Envelope) -> None:
        if not self.mended:
            raise invalid("a colour that nobody knows")
        if str(got.id) not in self.ids:  # an inbox
            self.ids.add(str(got.id))
            self.applied.append(got.data)


@dataclass
class Operator:
    """Calls the command as a shell does."""

    bootstrap: str
    output: pytest.CaptureFixture[str]

    async def says(self, *words: str) -> tuple[int, str, str]:
        lines: list[str] = []
        code = await asyncio.to_thread(main, ["--bootstrap", self.bootstrap, *words], lines.append)
        return code, "\n".join(lines), self.output.readouterr().err


@pytest.fixture
def operator(kafka_bootstrap: str, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(kafka_bootstrap, capsys)


async def test_letters_are_listed_and_replayed_in_order_once(
    kafka_bootstrap: str, topic: str, sender: Publisher, operator: Operator
) -> None:
    picky = Picky()
    async with running(consumer(kafka_bootstrap, topic, {topic: picky}, sender).run):
        await sender.publish([event(topic, "task", str(number).encode()) for number in range(4)])
        letters = await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 4)
        _, listed, _ = await operator.says("list", "--topic", topic)
        assert listed.splitlines()[1].split()[:4] == [topic, topic, "BAD_INPUT", "4"]
        _, shown, _ = await operator.says("show", "--topic", topic)
        assert shown.count("a colour that nobody knows") == 4

        last = f"{letters[3].topic}/{letters[3].partition}/{letters[3].offset}"
        code, _, refusal = await operator.says("replay", last)
        assert code == 1
        assert "earlier events of the same key are still open" in refusal

        picky.mended = True
        code, said, _ = await operator.says("replay", "--topic", topic)
        assert (code, said.splitlines()[-1]) == (0, "4 of 4 replayed")
        await until(lambda: picky.applied == [b"0", b"1", b"2", b"3"])
        assert (await operator.says("list", "--topic", topic))[1] == "no open letters"
        assert (await operator.says("replay", last))[0] == 1, "it is decided"


async def test_what_is_discarded_is_never_applied(
    kafka_bootstrap: str, topic: str, sender: Publisher, operator: Operator
) -> None:
    picky = Picky()
    async with running(consumer(kafka_bootstrap, topic, {topic: picky}, sender).run):
        await sender.send([Record(topic=topic, key=b"task", value=b"\xff", headers=())])  # no event at all
        await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 1)
        assert (await operator.says("discard", "--reason", "noise"))[0] == 1, "which, was not said"
        assert (await operator.says("discard", "--topic", topic, "--reason", "noise"))[1] == "1 discarded"
        assert (await operator.says("replay", "--topic", topic))[1] == "0 of 0 replayed"
    assert picky.applied == []


async def test_an_event_too_large_for_a_letter_is_replayed_from_where_it_stands(
    kafka_bootstrap: str, topic: str, sender: Publisher, operator: Operator
) -> None:
    picky = Picky()
    large = b'"' + b"x" * 999_600 + b'"'
    async with running(consumer(kafka_bootstrap, topic, {topic: picky}, sender).run):
        await sender.publish([event(topic, "task", large)])
        (letter,) = await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 1)
        assert letter.value is None
        picky.mended = True
        assert (await operator.says("replay", "--topic", topic))[0] == 0
        await until(lambda: picky.applied == [large])


async def test_without_a_broker_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code = await asyncio.to_thread(main, ["--bootstrap", "127.0.0.1:1", "list"])
    assert code == 1
    assert "Kafka does not answer" in capsys.readouterr().err
