"""What is said of a code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a hint asks for attention."""

    WARN = "warning"
    INFO = "information"
    DEBUG = "detail"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A reason to refuse a set of subgraphs."""

    code: str
    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True)
class HintCode:
    """Something worth knowing about a set that composes."""

    code: str
    level: Level
    meaning: str
