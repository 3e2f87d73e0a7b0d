"""`@interfaceObject`: an object that stands for all implementations of another subgraph's interface."""

from __future__ import annotations

from gateway.language.directives.spec import DirectiveSpec

INTERFACE_OBJECT = DirectiveSpec(
    "interfaceObject",
    ("OBJECT",),
    since=3,
)
