"""The Strawberry schema of a subgraph: federation 2, cached parsing and validation, silent about client errors."""

from __future__ import annotations

from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLError, print_ast
from graphql import parse as parse_document
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import ExecutionContext

_REMEMBERED_DOCUMENTS = 1000


class SubgraphSchema(strawberry.federation.Schema):
    """A subgraph's schema. Takes what `strawberry.federation.Schema` takes.

    The gateway sends the same documents again and again, so both caches hold many.
    """

    def __init__(self, **options: Any) -> None:
        extensions = [
            partial(ParserCache, maxsize=_REMEMBERED_DOCUMENTS),
            partial(ValidationCache, maxsize=_REMEMBERED_DOCUMENTS),
            *options.pop("extensions", ()),
        ]
        super().__init__(extensions=extensions, **options)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: the endpoint logs what is a fault of ours, and a client's mistake is no log line."""


def sdl(schema: SubgraphSchema) -> str:
    """The SDL as `_service { sdl }` tells it, printed in one style, for the snapshot in the repository."""
    result = schema.execute_sync("{ _service { sdl } }")
    if result.errors or result.data is None:
        raise RuntimeError(f"the schema cannot tell its SDL: {result.errors}")
    return print_ast(parse_document(result.data["_service"]["sdl"])) + "\n"
