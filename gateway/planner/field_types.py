"""Owns the look-up of a field's type in a schema, introspection fields included."""

from __future__ import annotations

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
)

_META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef, "__typename": TypeNameMetaFieldDef}


def field_type(schema: GraphQLSchema, type_name: str, name: str) -> GraphQLOutputType | None:
    """The declared type of a field, None if the type has no such field."""
    meta = _META.get(name)
    if meta is not None:
        return meta.type
    parent = schema.type_map.get(type_name)
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        declared = parent.fields.get(name)
        return declared.type if declared is not None else None
    return None
