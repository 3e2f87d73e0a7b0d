"""docs/openapi.json: the REST routes as the gateway describes them at /api/v1/openapi.json."""

from __future__ import annotations

import json

from graphql import build_schema

from gateway.shims.rest.openapi import openapi
from gateway.shims.rest.routes import ROUTES


def openapi_document(schema_sdl: str) -> str:
    """The document for the schema that clients see."""
    return json.dumps(openapi(build_schema(schema_sdl), ROUTES), indent=2, ensure_ascii=False) + "\n"
