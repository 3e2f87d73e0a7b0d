"""Strawberry's decorators with a description, in types that the checker can read."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import strawberry

ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])


def field(description: str) -> Callable[[ResolverT], ResolverT]:
    """A described field."""
    return cast("Callable[[ResolverT], ResolverT]", strawberry.field(description=description))


def mutation(description: str) -> Callable[[ResolverT], ResolverT]:
    """A described mutation."""
    return cast("Callable[[ResolverT], ResolverT]", strawberry.mutation(description=description))


def subscription(description: str, directives: Sequence[object]) -> Callable[[ResolverT], ResolverT]:
    """A described subscription."""
    return cast(
        "Callable[[ResolverT], ResolverT]", strawberry.subscription(description=description, directives=directives)
    )
