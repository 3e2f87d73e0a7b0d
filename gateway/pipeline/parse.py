"""Reads a client's document and finds the operation to run."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse

from gateway.executor.errors import ErrorDict
from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.limits import Limits


def parse_document(text: str, limits: Limits) -> DocumentNode:
    """Raises RequestRefused for text that is too long or no GraphQL."""
    if len(text) > limits.characters:
        raise RequestRefused.of("MAX_CHARACTERS_EXCEEDED", "The document is over the limit of characters.")
    try:
        return parse(text, max_tokens=limits.tokens)
    except GraphQLError as error:
        raise RequestRefused(client_error(error, "GRAPHQL_PARSE_FAILED")) from error
    except RecursionError as error:
        raise RequestRefused.of("GRAPHQL_PARSE_FAILED", "The document is nested too deeply.") from error


def choose_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of that name, or the only one. Raises RequestRefused."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name:
        operations = [d for d in operations if d.name is not None and d.name.value == name]
        if not operations:
            raise RequestRefused.of("OPERATION_RESOLUTION_FAILURE", f"Unknown operation named {name!r}.")
    if not operations:
        raise RequestRefused.of("OPERATION_RESOLUTION_FAILURE", "The document contains no operation.")
    if len(operations) > 1:
        raise RequestRefused.of("OPERATION_RESOLUTION_FAILURE", "Say which operation to run: operationName is missing.")
    return operations[0]


def client_error(error: GraphQLError, code: str) -> ErrorDict:
    """An error of the GraphQL library as the client sees it."""
    out: ErrorDict = {"message": error.message}
    if error.locations:
        out["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    out["extensions"] = {"code": code}
    return out
