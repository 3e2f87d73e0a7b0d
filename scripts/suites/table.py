"""Which suites there are and in which order the whole runs; a suite is a folder of `tests/`."""

from dataclasses import dataclass
from pathlib import Path

from scripts.engines.places import CHECKOUT


@dataclass(frozen=True, slots=True)
class Suite:
    """One word of the command line."""

    word: str
    meaning: str
    folders: tuple[str, ...]
    options: tuple[str, ...] = ()
    in_whole: bool = True  # part of a run without words
    parallel: bool = False  # its tests share nothing, so they are spread over the cores
    engines: bool = True  # waits for engines most of its time; the others compute

    def present(self, root: Path = CHECKOUT) -> list[str]:
        """Its folders that exist."""
        return [folder for folder in self.folders if (root / folder).is_dir()]


SUITES = (
    Suite(
        "unit",
        "rules and algorithms, no engine, under a minute",
        ("tests/unit", "tests/contract"),
        parallel=True,
        engines=False,
    ),
    Suite("integration", "each part against the real engines", ("tests/integration",)),
    Suite(
        "composition", "the composer against the verdicts of @apollo/composition", ("tests/composition",), engines=False
    ),
    Suite(
        "audit",
        "the federation audit's cases; plans beside those of other planners",
        ("tests/audit", "tests/planning"),
        engines=False,
    ),
    Suite("peers", "other gateways on the supergraphs that we compose", ("tests/peers",), in_whole=False),
    Suite("e2e", "the whole product as its clients see it", ("tests/e2e",)),
    Suite("fault", "kills under load; alone in the long form, in the whole in the short one", ("tests/fault",)),
    Suite(
        "differential",
        "random graphs against one schema (--seeds N)",
        ("tests/differential",),
        parallel=True,
        engines=False,
    ),
)
LONG_FORM = {"fault": ("--long",), "differential": ("--long",)}


def suite_named(word: str) -> Suite | None:
    """The suite of that word."""
    return next((suite for suite in SUITES if suite.word == word), None)
