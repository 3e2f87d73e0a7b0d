"""`@extends`: says that a definition is an extension of another subgraph's type."""

from __future__ import annotations

from gateway.language.directives.spec import DirectiveSpec

EXTENDS = DirectiveSpec(
    "extends",
    ("OBJECT", "INTERFACE"),
)
