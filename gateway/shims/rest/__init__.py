"""REST under `/api/v1`: every route is a stored GraphQL operation, so no rule of the product is written twice."""

from gateway.shims.rest.endpoint import PREFIX, RestShim

__all__ = ["PREFIX", "RestShim"]
