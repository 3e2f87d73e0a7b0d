"""Puts an answer that came in parts together, as a client does, and compares it with one that came at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.executor.run import Increment

Path = tuple[str | int, ...]


class Merged:
    """The answer so far. `nulled`: where a part ended in a null that may not be, so that the object lacks the part, or
    has a null for what another part has as an object.
    """

    def __init__(self, data: Any) -> None:
        self.data = data
        self.nulled: list[Path] = []

    def add(self, increment: Increment) -> None:
        """Merges a part into the object at its path, which must be there."""
        target = self.data
        for step in increment.path:
            target = target[step]
        assert isinstance(target, dict), f"no object at {increment.path}"
        if increment.data is None:
            assert increment.errors, f"no word on the null at {increment.path}"
            self.nulled.append(increment.path)
        else:
            self._merge(target, increment.data, increment.path)

    def _merge(self, target: Any, source: Any, path: Path) -> None:
        for key, value in source.items() if isinstance(source, dict) else enumerate(source):
            known = not isinstance(target, dict) or key in target
            present = target[key] if known else None
            if isinstance(value, dict | list) and isinstance(present, dict | list):
                self._merge(present, value, (*path, key))
            elif known and (value is None) != (present is None):
                self.nulled.append((*path, key))
                target[key] = present if value is None else value
            else:
                target[key] = value

    def difference(self, whole: Any) -> str | None:
        """Where the answer is not the one that came at once; a null that stopped at a part went further up there."""
        return self._difference(whole, self.data, ())

    def _difference(self, whole: Any, merged: Any, path: Path) -> str | None:
        if whole is None and any(nulled[: len(path)] == path for nulled in self.nulled):
            return None
        if isinstance(whole, dict) and isinstance(merged, dict):
            keys: Sequence[str] = [*whole, *(key for key in merged if key not in whole)]
            absent = [key for key in keys if key not in whole or key not in merged]
            if absent:
                return f"{(*path, absent[0])} is not in both"
            return next((bad for key in keys if (bad := self._difference(whole[key], merged[key], (*path, key)))), None)
        if isinstance(whole, list) and isinstance(merged, list) and len(whole) == len(merged):
            pairs = enumerate(zip(whole, merged, strict=True))
            return next((bad for at, pair in pairs if (bad := self._difference(*pair, (*path, at)))), None)
        return None if whole == merged else f"{path}: {merged!r} instead of {whole!r}"
