"""Owns the error of a supergraph that cannot be served: a code, a message, never a traceback of the parser."""

from __future__ import annotations


class InvalidSupergraph(Exception):
    """The SDL is not a supergraph that this engine can serve."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
