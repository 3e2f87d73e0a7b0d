"""How arguments are read. Invariant: whatever a client sends becomes a value of the domain or a typed refusal."""

from collections.abc import Iterable
from typing import TypeAlias, TypeVar
from uuid import UUID

import strawberry

from kit.ids import parse_id
from subgraphs.task.domain.unset import UNSET, Unset
from subgraphs.task.errors import invalid
from subgraphs.task.schema.context import Request
from subgraphs.task.service.memberships import Viewer

Info: TypeAlias = strawberry.Info[Request, None]


def acting(info: Info) -> Viewer:
    """The caller of this mutation; under an idempotency key it is done once."""
    return info.context.acting(str(info.path.key))


FIRST = strawberry.argument(description="How many, 1 to 100; 50 when absent.")
AFTER = strawberry.argument(description="The cursor behind which to go on.")

T = TypeVar("T")


def read_id(name: str, text: str) -> UUID:
    """The id.

    Raises:
        DomainError: invalid, naming the argument.
    """
    value = parse_id(text)
    if value is None:
        raise invalid(name, f"{name} is not an id")
    return value


def read_ids(name: str, texts: Iterable[str]) -> tuple[UUID, ...]:
    """The ids, see `read_id`."""
    return tuple(read_id(name, text) for text in texts)


def sent(value: T | None) -> T | Unset | None:
    """Strawberry's mark of an absent field as the domain's."""
    return UNSET if value is strawberry.UNSET else value


def required(name: str, value: T | None) -> T | Unset:
    """A field that may be absent but not null.

    Raises:
        DomainError: invalid, naming the field.
    """
    if value is strawberry.UNSET:
        return UNSET
    if value is None:
        raise invalid(name, f"{name} must not be null")
    return value
