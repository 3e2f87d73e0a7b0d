"""The product's routes fit the product's schema."""

from __future__ import annotations

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from gateway.shims.rest.binding import bound
from gateway.shims.rest.routes import ROUTES, Route
from scripts.engines.places import CHECKOUT


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((CHECKOUT / "docs" / "schema.graphql").read_text())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_operation_is_valid_and_has_its_variables_from_the_request(schema: GraphQLSchema, route: Route) -> None:
    assert validate(schema, parse(route.operation)) == []
    each = bound(route)
    named = {own[1:-1] for own in each.segments if own.startswith("{")}
    assert named <= {*each.variables, *route.into_input}
    assert each.has_body == (route.method != "GET" and route.path != "/notifications/{id}/read")


def test_no_two_routes_are_one() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
