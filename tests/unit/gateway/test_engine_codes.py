"""The page of the engine's error codes names every code that its sources can send."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from gateway.pipeline.limits import Limits

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "engine-codes.md").read_text()
SENDERS = ("executor", "transport", "pipeline", "server", "planner/errors.py", "planner/normalise")


def sources() -> list[Path]:
    places = [ROOT / "gateway" / sender for sender in SENDERS]
    return [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))]


def test_every_code_is_explained() -> None:
    found = {code for file in sources() for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)*[A-Z]{2})"', file.read_text())}
    found |= {f"MAX_{limit.name.upper()}_EXCEEDED" for limit in fields(Limits) if limit.name != "tokens"}
    explained = set(re.findall(r"`([A-Z_]{6,})`", PAGE))
    noise = {code for code in found if code in ("GET", "POST", "T", "HTTP")}
    assert found - explained - noise == set()
    assert explained <= found
