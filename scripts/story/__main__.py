"""`./scripts/demo`: plays the story against a running `./scripts/dev` and ends with 0 when all of it was seen."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from time import monotonic

import httpx2

from scripts.engines.places import state_folder
from scripts.story.people import Unseen
from scripts.story.plot import Story
from scripts.story.report import Report

_NOT_RUNNING = "nothing runs here: start ./scripts/dev first, or name --gateway and --mail"


async def places() -> tuple[list[str], str]:
    """Gateways and mail page of the development start, as far as they answer. Ends the program when there are none."""
    remembered = state_folder() / "dev" / "ports.json"
    ports: dict[str, int] = json.loads(remembered.read_text()) if remembered.exists() else {}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    async with httpx2.AsyncClient(timeout=2) as http:
        gateways = [
            url for name, url in sorted(urls.items()) if name.startswith("gateway-") and await _ready(http, url)
        ]
    if not gateways or "mail" not in urls:
        raise SystemExit(_NOT_RUNNING)
    return gateways, urls["mail"]


async def _ready(http: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url + "/readyz")).status_code == 200
    except httpx2.HTTPError:
        return False


async def play(gateways: Sequence[str], mail: str) -> None:
    """Raises Unseen."""
    report = Report(lambda line: print(line, flush=True))
    began = monotonic()
    async with httpx2.AsyncClient(timeout=15) as http:
        await Story(report, http, gateways, mail).play()
    print(f"\n{len(report.steps)} steps, all seen, in {monotonic() - began:.1f} s")


async def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/demo", description="Plays the story against a running product.")
    parser.add_argument("--gateway", action="append", metavar="URL", help="a gateway; may be repeated")
    parser.add_argument("--mail", metavar="URL", help="the mail page")
    options = parser.parse_args(words)
    gateways, mail = (options.gateway, options.mail) if options.gateway and options.mail else await places()
    try:
        await play([url.rstrip("/") for url in gateways], mail.rstrip("/"))
    except (Unseen, httpx2.HTTPError):
        return 1  # the report has told which step failed, and why
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
