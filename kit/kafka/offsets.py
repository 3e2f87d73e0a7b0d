"""Owns which offsets of one partition may be committed: everything before the first record that is not done yet."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True)
class Entry:
    """One record on its way."""

    offset: int
    done: bool = False


class Progress:
    """Records of one partition in the order they were read; they may be done in any order."""

    __slots__ = ("_entries", "_ready", "closed")

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._ready: int | None = None
        self.closed = False

    def begin(self, offset: int) -> Entry:
        entry = Entry(offset)
        self._entries.append(entry)
        return entry

    @property
    def in_flight(self) -> int:
        """How many records were read and are not covered by a committable offset."""
        return len(self._entries)

    def committable(self) -> int | None:
        """The offset to commit (that of the next record to read), or None when nothing new is done."""
        while self._entries and self._entries[0].done:
            self._ready = self._entries.popleft().offset + 1
        return self._ready

    def committed(self, offset: int) -> None:
        if self._ready == offset:
            self._ready = None
