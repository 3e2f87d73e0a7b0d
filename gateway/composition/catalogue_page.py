"""The page of codes, generated from the catalogue.

python -m gateway.composition.catalogue_page > docs/composition-errors.md
"""

from __future__ import annotations

import sys

from gateway.composition.catalogue import HINTS, SUBJECTS, Level

_HEAD = """# Composition errors and hints

Generated from `gateway/composition/catalogue/`; do not edit. What composition does is in `composition.md`.

Every error names the subgraph, the place in its SDL where there is one, and what to do. A set with an error has no
supergraph. Hints never stop composition.
"""


def page() -> str:
    """The Markdown text."""
    lines = [_HEAD, "## Errors"]
    for subject, codes in SUBJECTS.items():
        lines += [f"\n### {subject}\n", "| Code | Meaning | Remedy |", "|---|---|---|"]
        lines += [f"| {entry.code} | {entry.meaning} | {entry.remedy} |" for entry in codes]
    for level in Level:
        lines += [f"\n## Hints: {level.value}\n", "| Code | Meaning |", "|---|---|"]
        lines += [f"| {entry.code} | {entry.meaning} |" for entry in HINTS.values() if entry.level is level]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
