"""What composition found, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from gateway.composition import Composition
from gateway.composition.catalogue import ERRORS, HINTS
from gateway.errors import CompositionError, CompositionHint, SourceLocation


def as_json(composition: Composition) -> dict[str, object]:
    """The documented reply of `compose --json`."""
    return {
        "supergraphSdl": composition.supergraph_sdl,
        "apiSchemaSdl": composition.api_schema_sdl,
        "hints": [asdict(hint) for hint in composition.hints],
        "errors": [asdict(error) for error in composition.errors],
    }


def errors_text(errors: Sequence[CompositionError]) -> str:
    return "\n\n".join(_error(error) for error in errors)


def _error(error: CompositionError) -> str:
    lines = [f"error {error.code}", f"  {error.message}"]
    lines += [f"  at {_place(location)}" for location in error.locations]
    lines.append(f"  remedy: {ERRORS[error.code].remedy}")
    return "\n".join(lines)


def hints_text(hints: Sequence[CompositionHint]) -> str:
    return "\n".join(f"{HINTS[hint.code].level.value} {hint.code}: {hint.message}" for hint in hints)


def _place(location: SourceLocation) -> str:
    return f'subgraph "{location.subgraph}", line {location.line}, column {location.column}'
