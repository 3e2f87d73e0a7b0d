"""Random damage to SDL: what a broken editor, a bad merge or an attacker makes of it.

Invariant: deterministic for a seed; the outcome is any text, GraphQL or not.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Slip = Callable[[random.Random, str], str]

_TOKEN = re.compile(r'"""[\s\S]*?"""|"[^"\n]*"|\w+|\S')
_SNIPPETS = (
    "{", "}", "(", ")", "[", "]", "!", ":", "=", "|", "&", "@", '"', '"""', "#", "\\", "\x00", "\ud800", "é",
    "\N{BYTE ORDER MARK}", "extend", "type", "interface", "union", "enum", "input", "scalar", "schema",
    "directive", "repeatable", "on", "implements", "@key", '@key(fields: "id")', '@key(fields: "{")',
    '@key(fields: "a { b { c } }")', "@external", "@extends", "@shareable", '@requires(fields: "id")',
    '@provides(fields: "id")', '@override(from: "a", label: "percent(1)")', "@inaccessible", "@interfaceObject",
    '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"], as: "x")', '@link(url: "x")',
    '@composeDirective(name: "@key")', '@context(name: "c")', '@fromContext(field: "$c { id }")',
    "@cost(weight: 1)", "@listSize(assumedSize: -1)", '@requiresScopes(scopes: [["a"]])', "@policy",
    '@tag(name: "t")', "Query", "Mutation", "_Entity", "_Any", "_Service", "__typename", "link__Purpose",
    "federation__FieldSet", "null", "1e999", "-0", "$x",
)  # fmt: skip


def damage(seed: int, sdl: str) -> str:
    """The text after one to four slips."""
    rng = random.Random(seed)
    for _ in range(rng.choice((1, 1, 2, 4))):
        sdl = rng.choice(_SLIPS)(rng, sdl)
    return sdl


def _edit_characters(rng: random.Random, sdl: str) -> str:
    characters = list(sdl)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(characters) + 1)
        characters[at : at + rng.randint(0, 2)] = chr(rng.choice((rng.randrange(128), rng.randrange(0x10000))))
    return "".join(characters)


def _drop_token(rng: random.Random, sdl: str) -> str:
    return _at_token(rng, sdl, lambda _: "")


def _repeat_token(rng: random.Random, sdl: str) -> str:
    return _at_token(rng, sdl, lambda token: f"{token} " * rng.choice((2, 3, 500)))


def _insert(rng: random.Random, sdl: str) -> str:
    return _at_token(rng, sdl, lambda token: f"{token} {rng.choice(_SNIPPETS)} ")


def _replace(rng: random.Random, sdl: str) -> str:
    return _at_token(rng, sdl, lambda _: f" {rng.choice(_SNIPPETS)} ")


def _swap(rng: random.Random, sdl: str) -> str:
    tokens = _TOKEN.findall(sdl)
    return _at_token(rng, sdl, lambda _: f" {rng.choice(tokens)} ") if tokens else sdl


def _nest(rng: random.Random, sdl: str) -> str:
    opening, closing = rng.choice((("[", "]"), ("{ a ", "}"), ("{a: ", "}"), ("(", ")"), ("... { ", "}")))
    depth = rng.choice((3, 50, 5000))
    return _at_token(rng, sdl, lambda token: opening * depth + token + closing * depth)


def _repeat_line(rng: random.Random, sdl: str) -> str:
    lines = sdl.split("\n")
    at = rng.randrange(len(lines))
    return "\n".join([*lines[:at], *[lines[at]] * rng.choice((2, 200)), *lines[at:]])


def _cut(rng: random.Random, sdl: str) -> str:
    return sdl[: rng.randrange(len(sdl) + 1)]


def _at_token(rng: random.Random, sdl: str, change: Callable[[str], str]) -> str:
    tokens = list(_TOKEN.finditer(sdl))
    if not tokens:
        return rng.choice(_SNIPPETS)
    token = rng.choice(tokens)
    return sdl[: token.start()] + change(token[0]) + sdl[token.end() :]


_SLIPS: tuple[Slip, ...] = (
    _edit_characters,
    _drop_token,
    _drop_token,
    _repeat_token,
    _insert,
    _insert,
    _insert,
    _replace,
    _replace,
    _swap,
    _swap,
    _nest,
    _repeat_line,
    _cut,
)
