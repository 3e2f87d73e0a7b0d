"""Remembers the answers to recent events: many subscribers ask the same of the same event within moments."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from gateway.pipeline.answer import Answer


class RecentAnswers:
    """The last `size` answers by what determines them."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()

    def get(self, key: Hashable) -> Answer | None:
        return self._answers.get(key)

    def put(self, key: Hashable, answer: Answer) -> None:
        self._answers[key] = answer
        if len(self._answers) > self._size:
            self._answers.popitem(last=False)
