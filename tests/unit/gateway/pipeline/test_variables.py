"""A variable that does not fit is refused by its place, never by its value: that may be a password."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.variables import coerce_variables

SCHEMA = build_schema("input In { name: String! password: String counts: [Int!] } type Query { f(in: In!): Int }")
SECRET = "hunter2: secret, found: it"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"password": SECRET}, "include required field 'name'."),
        ({"name": "a", "pasword": SECRET}, "unknown field 'pasword'"),
        ({"name": "a", "password": [SECRET]}, "at .password: String cannot represent a non string value."),
        ({"name": "a", "counts": [SECRET]}, "at .counts[0]: Int cannot represent non-integer value."),
        (SECRET, "Expected value of type 'In' to be an object."),
    ],
)
def test_the_place_is_told_and_the_value_is_not(given: Any, told: str) -> None:
    operation = parse("query ($in: In!) { f(in: $in) }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    with pytest.raises(RequestRefused) as refused:
        coerce_variables(SCHEMA, operation.variable_definitions or (), {"in": given}, suggestions=True)
    (error, *_) = refused.value.errors
    assert told in error["message"]
    assert "hunter2" not in str(refused.value.errors)
