"""Owns `@defer` as the gateway offers it to its clients, whatever its subgraphs know of it."""

from __future__ import annotations

NAME = "defer"
DEFINITION = "directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT"
