"""Writes Python source and turns it into functions.

Only names made here and `repr`s of strings enter the source; other constants are passed in by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Surprise(Exception):
    """Generated code met data that it was not made for."""


class Source:
    """Lines of one generated module, its constants and fresh names."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = 0
        self._constants: dict[str, Any] = {"Surprise": Surprise}
        self._names = 0

    def line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        self.line(header)
        self._indent += 1
        yield
        self._indent -= 1

    def name(self, stem: str) -> str:
        """A name not given before."""
        self._names += 1
        return f"{stem}{self._names}"

    def constant(self, value: Any) -> str:
        name = self.name("K")
        self._constants[name] = value
        return name

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def functions(self) -> dict[str, Any]:
        """Compiles and runs the module; returns its namespace."""
        namespace = dict(self._constants)
        exec(compile(self.text, "<plan>", "exec"), namespace)  # noqa: S102 - the source is ours, see above
        return namespace
