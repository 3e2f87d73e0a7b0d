"""Checks a document against the API schema by the rules of the GraphQL specification."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLSchema, validate

from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.parse import client_error

MAX_ERRORS = 20


def validate_document(schema: GraphQLSchema, document: DocumentNode, *, suggestions: bool) -> None:
    """Raises RequestRefused with every complaint, up to a bound. Without `suggestions` names are not hinted at."""
    try:
        errors = validate(schema, document, max_errors=MAX_ERRORS, hide_suggestions=not suggestions)
    except RecursionError as error:
        raise RequestRefused.of("GRAPHQL_VALIDATION_FAILED", "The document is nested too deeply.") from error
    if errors:
        raise RequestRefused(*(client_error(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))
