"""Every code that composition reports: what it means and what to do about it; one module per subject.

Invariant: this is the only place where a code is declared; `docs/composition-errors.md` is generated from it.
"""

from __future__ import annotations

from gateway.composition.catalogue import (
    authorization,
    contexts,
    demand,
    documents,
    field_sets,
    hints,
    interfaces,
    merging,
    ownership,
    satisfiability,
    visibility,
)
from gateway.composition.catalogue.entry import ErrorCode, HintCode, Level

__all__ = ["ERRORS", "HINTS", "SUBJECTS", "ErrorCode", "HintCode", "Level"]

SUBJECTS = {
    "Documents and links": documents.CODES,
    "Field sets: `@key`, `@requires`, `@provides`": field_sets.CODES,
    "Who resolves a field: `@external`, `@override`, extensions": ownership.CODES,
    "Keys of interfaces, `@interfaceObject`": interfaces.CODES,
    "Merging": merging.CODES,
    "`@inaccessible`": visibility.CODES,
    "`@context`, `@fromContext`": contexts.CODES,
    "`@cost`, `@listSize`": demand.CODES,
    "Authorization": authorization.CODES,
    "Satisfiability": satisfiability.CODES,
}
ERRORS = {entry.code: entry for codes in SUBJECTS.values() for entry in codes}
HINTS = {entry.code: entry for entry in hints.CODES}
