"""Reads subgraphs from files: SDL files named after their subgraph, folders of them, or JSON lists of
`{name, url, sdl}`.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from gateway.composition import SubgraphInput

SDL_SUFFIXES = (".graphql", ".graphqls", ".gql")


class InvalidSubgraphs(ValueError):
    """The input is not a list of subgraphs; the message says where."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    sdl: str
    url: str | None = None


_LIST = TypeAdapter(list[_Entry])


def from_json(text: str | bytes, source: str) -> list[SubgraphInput]:
    """Raises InvalidSubgraphs."""
    try:
        entries = _LIST.validate_python(json.loads(text))
    except (ValidationError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if not isinstance(error, ValidationError) else _first(error)
        raise InvalidSubgraphs(f"{source}: not a list of {{name, url, sdl}}: {reason}") from None
    return [SubgraphInput(entry.name, entry.sdl, entry.url or "") for entry in entries]


def _first(error: ValidationError) -> str:
    detail = error.errors()[0]
    return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"


def from_paths(paths: list[str]) -> list[SubgraphInput]:
    """Raises InvalidSubgraphs, also for files that cannot be read."""
    found: list[SubgraphInput] = []
    for path in map(Path, paths):
        try:
            found += _from_path(path)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSubgraphs(f"{path}: {error}") from None
    return found


def _from_path(path: Path) -> list[SubgraphInput]:
    if path.is_dir():
        files = sorted(entry for entry in path.iterdir() if entry.suffix in SDL_SUFFIXES)
        if not files:
            raise InvalidSubgraphs(f"{path}: the folder holds no {' or '.join(SDL_SUFFIXES)} file")
        return [SubgraphInput(file.stem, file.read_text()) for file in files]
    if path.suffix == ".json":
        return from_json(path.read_bytes(), str(path))
    return [SubgraphInput(path.stem, path.read_text())]
