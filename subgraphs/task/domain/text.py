"""Checks of text that people write. Invariant: what passes can be stored, encoded as JSON and shown on its lines."""

import unicodedata

from subgraphs.task.errors import invalid

_LINE_BREAKS = frozenset("\n\r\t")


def check_line(field: str, value: str, *, longest: int) -> str:
    """One line of text: trimmed, not empty, at most `longest` characters.

    Raises:
        DomainError: invalid, naming `field`.
    """
    if len(value) > longest:
        raise invalid(field, f"{field} has {len(value)} characters, at most {longest} are allowed")
    line = value.strip()
    if not line:
        raise invalid(field, f"{field} must not be empty")
    _check_characters(field, line, allowed=frozenset())
    return line


def check_body(field: str, value: str, *, largest: int, required: bool = False) -> str:
    """Text of several lines, at most `largest` bytes in UTF-8.

    Raises:
        DomainError: invalid, naming `field`.
    """
    _check_characters(field, value, allowed=_LINE_BREAKS)
    size = len(value.encode())
    if size > largest:
        raise invalid(field, f"{field} has {size} bytes, at most {largest} are allowed")
    if required and not value.strip():
        raise invalid(field, f"{field} must not be empty")
    return value


def _check_characters(field: str, value: str, *, allowed: frozenset[str]) -> None:
    # PostgreSQL refuses NUL and a lone surrogate has no UTF-8; other control characters only confuse readers.
    if value.isprintable():
        return
    for character in value:
        if character not in allowed and unicodedata.category(character) in ("Cc", "Cs"):
            raise invalid(field, f"{field} contains the character U+{ord(character):04X}, which is not allowed")
