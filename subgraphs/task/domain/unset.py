"""The mark of a field that a caller did not send. Invariant: it is never a value of any field."""

from enum import Enum
from typing import Final, Literal


class _Mark(Enum):
    UNSET = "unset"


Unset = Literal[_Mark.UNSET]
UNSET: Final = _Mark.UNSET
