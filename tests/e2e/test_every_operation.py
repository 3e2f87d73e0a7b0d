"""Every query and mutation of the composed schema, with inputs made from the schema: nobody gets anywhere without
logging in, and whoever names what does not exist is told so and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from proto.permissions import Permission
from proto.policies import OPERATIONS, Audience
from scripts.engines.places import CHECKOUT
from scripts.story.people import Person
from tests.e2e.test_bad_input import sign_up
from tests.testkit.product import Product

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

SCHEMA = build_schema((CHECKOUT / "docs/schema.graphql").read_text())
SCALARS: dict[str, Any] = {
    "String": "name",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "DateTime": "2030-01-01T00:00:00Z",
    "Date": "2030-01-01",
    "Duration": "PT1H",
}
NAMED: dict[str, Any] = {"email": "nobody@example.com", "endpoint": "https://push.example.com/1", "permissions": []}
"""Values of fields that take no other word."""
BESIDES: dict[str, dict[str, Any]] = {
    "Mutation.workspaceMemberUpdate": {"role": "GUEST"},
    "Mutation.webPushUnsubscribe": {"id": str(uuid4())},
}
"""What an input needs beside its required fields."""
ONE_BY_ONE = "Mutation.taskBulkUpdate"
"""It answers for each of its tasks: see the matrix of the task subgraph."""
FIELDS: dict[str, GraphQLField] = {
    f"{root.name}.{name}": field
    for root in (SCHEMA.query_type, SCHEMA.mutation_type)
    if root is not None
    for name, field in root.fields.items()
}


def value(kind: GraphQLInputType, field_name: str = "") -> Any:
    """Something of a type, with ids of nothing."""
    if field_name in NAMED:
        return NAMED[field_name]
    nullable = get_nullable_type(kind)
    if is_list_type(nullable):
        return [value(nullable.of_type)]
    if isinstance(nullable, GraphQLInputObjectType):
        fields = nullable.fields.items()
        return {name: value(field.type, name) for name, field in fields if is_required_input_field(field)}
    if isinstance(nullable, GraphQLEnumType):
        return next(iter(nullable.values))
    name = str(nullable)
    return str(uuid4()) if name == "ID" else SCALARS[name]


def request(operation: str) -> tuple[str, dict[str, Any]]:
    """An operation with all that it requires."""
    root, _, name = operation.partition(".")
    arguments = {key: one for key, one in FIELDS[operation].args.items() if is_required_argument(one)}
    declared = ", ".join(f"${key}: {one.type}" for key, one in arguments.items())
    given = ", ".join(f"{key}: ${key}" for key in arguments)
    selection = "" if is_leaf_type(get_named_type(FIELDS[operation].type)) else "{ __typename }"
    head = f"{root.lower()} ({declared})" if declared else root.lower()
    call = f"{name}({given})" if given else name
    values = {key: value(one.type, key) for key, one in arguments.items()}
    if operation in BESIDES:
        values["input"] |= BESIDES[operation]
    return f"{head} {{ {call} {selection} }}", values


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def eve(product: Product) -> AsyncIterator[Person]:
    async with httpx2.AsyncClient(timeout=20) as http:
        yield await sign_up(product, http, "eve")


async def _refusal(who: Person, operation: str) -> str:
    """The code that refuses an operation, or NOTHING for a null without an error."""
    document, variables = request(operation)
    answer = await who.answer(document, variables)
    if answer.get("errors"):
        return str(answer["errors"][0]["extensions"]["code"])
    assert list(answer["data"].values()) == [None], f"{operation} was done"
    return "NOTHING"


@pytest.mark.parametrize("operation", [name for name in FIELDS if OPERATIONS[name] is not Audience.PUBLIC])
async def test_nobody_gets_anywhere(eve: Person, operation: str) -> None:
    refusal = await _refusal(replace(eve, access=""), operation)
    assert refusal in ({"UNAUTHENTICATED", "NOTHING"} if operation.startswith("Query") else {"UNAUTHENTICATED"})


@pytest.mark.parametrize(
    "operation", [name for name in FIELDS if isinstance(OPERATIONS[name], Permission) and name != ONE_BY_ONE]
)
async def test_what_is_not_there_is_not_found(eve: Person, operation: str) -> None:
    assert await _refusal(eve, operation) in {"NOT_FOUND", "NOTHING"}
