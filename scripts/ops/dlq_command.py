"""`scripts/ops/dlq list | show | replay | discard`: what consumers have set aside, and what becomes of it.

The broker is that of `TASKFLOW_KAFKA_BOOTSTRAP`, else that of a running `./scripts/dev`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from aiokafka.errors import KafkaError

from kit.clock import SystemClock
from kit.errors import DomainError
from scripts.engines.engine import Place, read_json
from scripts.engines.kafka import Kafka
from scripts.engines.places import cache_folder, state_folder
from scripts.ops.desk import Choice, Desk, Refused, desk
from scripts.ops.letters import Address, Letter


def main(words: Sequence[str], tell: Callable[[str], None] = print) -> int:
    """0 when done, 1 when refused or when Kafka is away, 2 for words that are not understood."""
    options = parser().parse_args(words)
    try:
        return asyncio.run(_run(options, _bootstrap(options), tell))
    except (Refused, DomainError) as error:
        print(error, file=sys.stderr)
    except (KafkaError, OSError) as error:
        print(f"Kafka does not answer: {error}", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """The words of the command line."""
    whole = argparse.ArgumentParser(prog="scripts/ops/dlq", description="The dead letters of all consumers.")
    whole.add_argument(
        "--bootstrap", metavar="HOST:PORT", help="the broker (default: TASKFLOW_KAFKA_BOOTSTRAP, then ./scripts/dev)"
    )
    verbs = whole.add_subparsers(dest="verb", required=True)
    for verb, meaning in (
        ("list", "how many are open, by topic, group and code"),
        ("show", "each open letter with its reason and content"),
        ("replay", "send events again, in the order in which they failed"),
        ("discard", "close letters: their events are never applied"),
    ):
        one = verbs.add_parser(verb, help=meaning, description=meaning)
        one.add_argument("letters", nargs="*", type=Address.parse, metavar="TOPIC/PARTITION/OFFSET")
        one.add_argument("--topic", help="only events of this topic")
        one.add_argument("--group", help="only those set aside by this group")
        one.add_argument("--code", help="only those that failed with this code")
        if verb in ("replay", "discard"):
            one.add_argument("--all", action="store_true", help="every open letter")
        if verb == "discard":
            one.add_argument("--reason", required=True, help="why; it is kept with the decision")
    return whole


async def _run(options: argparse.Namespace, bootstrap: Sequence[str], tell: Callable[[str], None]) -> int:
    async with desk(bootstrap, SystemClock()) as opened:
        letters = await opened.open_letters()
        chosen = _chosen(options, letters)
        if options.verb == "list":
            tell("\n".join(listing(chosen)))
        elif options.verb == "show":
            tell("\n\n".join(described(letter) for letter in chosen) or "no open letters")
        else:
            await _decide(options, opened, chosen, letters, tell)
    return 0


async def _decide(
    options: argparse.Namespace,
    opened: Desk,
    chosen: list[Letter],
    letters: list[Letter],
    tell: Callable[[str], None],
) -> None:
    if not (options.letters or options.topic or options.group or options.code or options.all):
        raise Refused("name letters, or say --topic, --group, --code or --all")
    if options.verb == "discard":
        await opened.discard(chosen, options.reason)
        tell(f"{len(chosen)} discarded")
        return
    done = 0
    try:
        async for letter in opened.replay(chosen, letters):
            done += 1
            tell(f"replayed {letter.address}")
    finally:
        tell(f"{done} of {len(chosen)} replayed")


def _chosen(options: argparse.Namespace, letters: Iterable[Letter]) -> list[Letter]:
    """The open letters that are meant. Raises Refused for an address at which none is open."""
    choice = Choice(options.topic, options.group, options.code)
    chosen = [one for one in letters if choice.covers(one) and (not options.letters or one.address in options.letters)]
    unknown = set(options.letters) - {one.address for one in chosen}
    if unknown:
        raise Refused(f"no open letter at {', '.join(sorted(map(str, unknown)))}")
    return chosen


def listing(letters: Sequence[Letter]) -> list[str]:
    """A table: one row for each topic, group and code."""
    if not letters:
        return ["no open letters"]
    counts = Counter((one.about.get("topic", "?"), one.group, one.about.get("code", "?")) for one in letters)
    oldest: dict[tuple[str, str, str], str] = {}
    for one in letters:
        row = (one.about.get("topic", "?"), one.group, one.about.get("code", "?"))
        oldest[row] = min(oldest.get(row, "~"), one.about.get("first_failure", "~"))
    rows = [("topic", "group", "code", "open", "oldest failure")]
    rows += [(*row, str(count), oldest[row]) for row, count in sorted(counts.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def described(letter: Letter) -> str:
    """A letter as a person reads it."""
    key = (letter.key or b"").decode(errors="replace")
    lines = [str(letter.address), f"  key      {key}"]
    lines += [f"  {name:<8} {value}" for name, value in sorted(letter.about.items())]
    lines += [f"  {name:<8} {value.decode(errors='replace')}" for name, value in letter.headers]
    content = (letter.value or b"").decode(errors="replace")
    return "\n".join([*lines, f"  data     {content}"])


def _bootstrap(options: argparse.Namespace) -> list[str]:
    """Raises Refused when nobody says which broker."""
    given = options.bootstrap or os.environ.get("TASKFLOW_KAFKA_BOOTSTRAP")
    folder = state_folder() / "dev" / "kafka"
    if not given and (ports := read_json(folder / "ports.json")):
        given = Kafka().environment(Place(folder, cache_folder(), ports))["TASKFLOW_KAFKA_BOOTSTRAP"]
    if not given:
        raise Refused("nothing runs here: set TASKFLOW_KAFKA_BOOTSTRAP or start ./scripts/dev first")
    return str(given).split(",")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
