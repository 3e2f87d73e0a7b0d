"""Checks the variables of a request against their declared types.

What goes to subgraphs is what the client gave, not the coerced values: a subgraph coerces by its own types, and a
default belongs to the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from graphql import GraphQLSchema, VariableDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from gateway.executor.errors import ErrorDict
from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.parse import client_error

MAX_ERRORS = 10


def encoded_variables(variables: Mapping[str, Any]) -> bytes:
    """The variables as JSON. Raises RequestRefused for what was read as JSON but is nested too deeply to be written."""
    try:
        return orjson.dumps(variables)
    except orjson.JSONEncodeError as error:
        raise RequestRefused.of("BAD_USER_INPUT", "The variables are nested too deeply.") from error


_NONE = VariableValues({}, {})
_VALUE = re.compile(r"(\?) Found: .*|, found: .*|(cannot represent [^:]*): .*", re.DOTALL)


def _without_value(error: ErrorDict) -> ErrorDict:
    """What was given may be a password: errors are shown, logged and reported, so they name the place alone."""
    error["message"] = _VALUE.sub(lambda found: found[1] or (found[2] or "") + ".", error["message"])
    return error


def coerce_variables(
    schema: GraphQLSchema,
    definitions: Sequence[VariableDefinitionNode],
    given: Mapping[str, Any],
    *,
    suggestions: bool,
) -> tuple[dict[str, Any], VariableValues]:
    """The variables to send and their coerced values. Raises RequestRefused where a value does not fit its type."""
    if not definitions:
        return {}, _NONE
    result = get_variable_values(
        schema, definitions, dict(given), max_errors=MAX_ERRORS, hide_suggestions=not suggestions
    )
    if not isinstance(result, VariableValues):
        raise RequestRefused(*(_without_value(client_error(error, "BAD_USER_INPUT")) for error in result))
    names = (definition.variable.name.value for definition in definitions)
    return {name: given[name] for name in names if name in given}, result
