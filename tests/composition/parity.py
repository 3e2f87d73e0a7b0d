"""Compares a composition with another composer's verdict: accept or reject, codes, hints, everything in the supergraph.

Invariant: order never matters, nothing else is forgiven.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import parse

from gateway.composition import Composition, SubgraphInput, compose
from gateway.language import literals
from gateway.language.reading import read
from gateway.language.schema import Element, InputValue

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Case:
    """A set of subgraphs with the verdict of the other composer."""

    id: str
    label: str
    subgraphs: tuple[SubgraphInput, ...]
    ok: bool
    errors: frozenset[str]
    hints: tuple[str, ...]
    supergraph: str | None
    api_schema: str | None


def load(path: Path) -> list[Case]:
    """Reads a file of cases, in either of the two layouts."""
    with gzip.open(path, "rt") as lines:
        return [_case(json.loads(line)) for line in lines]


def _case(entry: dict[str, Any]) -> Case:
    verdict = entry.get("verdict", entry)
    errors = {error["code"] if isinstance(error, dict) else error for error in verdict["errors"]}
    hints = [hint["code"] if isinstance(hint, dict) else hint for hint in verdict.get("hints") or ()]
    return Case(
        entry["id"],
        entry.get("label", ""),
        tuple(SubgraphInput(each["name"], each["sdl"], each.get("url") or "") for each in entry["subgraphs"]),
        verdict["ok"],
        frozenset(errors - {None}),
        tuple(sorted(hints)),
        verdict.get("supergraphSdl"),
        verdict.get("apiSchemaSdl"),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What agrees; codes, hints and texts only where both sides have them."""

    verdict: bool
    codes: bool | None = None
    hints: bool | None = None
    supergraph: bool | None = None
    api_schema: bool | None = None
    details: str = ""

    @property
    def same(self) -> bool:
        return False not in (self.verdict, self.codes, self.hints, self.supergraph, self.api_schema)


def compare(case: Case) -> Comparison:
    """Composes the case's subgraphs and compares."""
    ours = compose(case.subgraphs)
    codes = {error.code for error in ours.errors}
    if case.ok != (not ours.errors):
        return Comparison(verdict=False, details=f"ours {sorted(codes) or 'composes'}, theirs {sorted(case.errors)}")
    if not case.ok:
        details = f"ours {sorted(codes)}, theirs {sorted(case.errors)}"
        return Comparison(verdict=True, codes=not case.errors or codes == case.errors, details=details)
    return _compare_composed(case, ours)


def _compare_composed(case: Case, ours: Composition) -> Comparison:
    hints, expected = Counter(hint.code for hint in ours.hints), Counter(case.hints)
    differences = difference(ours.supergraph_sdl or "", case.supergraph or "")
    api = difference(ours.api_schema_sdl or "", case.api_schema or "") if case.api_schema else []
    details = [*(f"hint {code}" for code in (hints - expected) + (expected - hints)), *differences, *api]
    return Comparison(
        verdict=True,
        hints=hints == expected,
        supergraph=not differences,
        api_schema=not api,
        details="\n".join(details),
    )


def difference(left: str, right: str) -> list[str]:
    """What one SDL text has and the other has not."""
    ours, theirs = _facts(left), _facts(right)
    return [
        f"{name}: {ours.get(name)} != {theirs.get(name)}"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]


def _facts(sdl: str) -> dict[str, object]:
    """Everything an SDL says, by coordinate."""
    schema, _ = read(parse(sdl))
    found: dict[str, object] = {"schema": (_directives(schema), schema.roots, schema.description)}
    for definition in schema.definitions.values():
        args = {entry.name: _input(entry) for entry in definition.args.values()}
        found[f"@{definition.name}"] = (sorted(definition.locations), definition.repeatable, args)
    for owner in schema.types.values():
        found[owner.name] = (
            owner.kind,
            owner.description,
            _directives(owner),
            sorted(owner.interfaces),
            sorted(owner.members),
        )
        for value in owner.values.values():
            found[f"{owner.name}.{value.name}"] = (value.description, _directives(value))
        for entry in owner.inputs.values():
            found[f"{owner.name}.{entry.name}"] = _input(entry)
        for field in owner.fields.values():
            args = {entry.name: _input(entry) for entry in field.args.values()}
            found[f"{owner.name}.{field.name}"] = (field.type, field.description, _directives(field), args)
    return found


def _input(entry: InputValue) -> tuple[object, ...]:
    default = literals.key(entry.default) if entry.has_default else None
    return entry.type, default, entry.description, _directives(entry)


def _directives(element: Element) -> list[str]:
    return sorted(entry.key() for entry in element.directives)
