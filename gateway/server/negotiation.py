"""Chooses the media type of a response from the Accept header."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

MediaType = Literal[
    "application/graphql-response+json", "application/json", "text/event-stream", "multipart/mixed", "text/html"
]

GRAPHQL: MediaType = "application/graphql-response+json"
JSON: MediaType = "application/json"
EVENTS: MediaType = "text/event-stream"
MULTIPART: MediaType = "multipart/mixed"
HTML: MediaType = "text/html"


@lru_cache(maxsize=256)
def choose(accept: str | None, offered: tuple[MediaType, ...]) -> MediaType | None:
    """The offered type that the header likes best, None where it likes none; ties go to the earlier offer.

    Without a header anything goes.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_range(item) for item in accept.split(",")]
    best: tuple[float, int, int] | None = None
    chosen: MediaType | None = None
    for order, offer in enumerate(offered):
        matching = [(specific, quality) for name, quality in ranges if (specific := _fits(name, offer)) >= 0]
        if not matching:
            continue
        specific, quality = max(matching)
        rank = (quality, specific, -order)
        if quality > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


@lru_cache(maxsize=256)
def takes_parts(accept: str | None) -> bool:
    """Whether a client takes an answer in parts: it names `multipart/mixed` (of the version spoken here, if it names
    one) and likes no JSON better.
    """
    multipart, json = 0.0, 0.0
    for item in (accept or "").split(","):
        name, quality = _range(item)
        if name == MULTIPART and _is_of_this_version(item):
            multipart = max(multipart, quality)
        elif name in (JSON, GRAPHQL):
            json = max(json, quality)
    return 0 < multipart >= json


DEFER_VERSION = "20220824"


def _is_of_this_version(item: str) -> bool:
    parameters = (part.strip().lower().replace('"', "") for part in item.split(";")[1:])
    versions = [each for each in parameters if each.startswith(("deferspec=", "subscriptionspec="))]
    return all(version == f"deferspec={DEFER_VERSION}" for version in versions)


def _range(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, max(0.0, min(1.0, float(parameter[2:])))
            except ValueError:
                return name, 0.0
    return name, 1.0


def _fits(name: str, offer: str) -> int:
    """How specifically a media range names the offer; -1 when it does not."""
    if name == offer:
        return 2
    if name == "*/*":
        return 0
    return 1 if name.endswith("/*") and offer.startswith(name[:-1]) else -1
