"""Which type references can stand for which."""

from __future__ import annotations

from gateway.language.schema import Kind, Schema
from gateway.language.type_refs import TypeRef, is_list, is_non_null, item, nullable


def is_subtype(schema: Schema, narrow: TypeRef, wide: TypeRef) -> bool:
    """Whether every value of `narrow` fits `wide`: nullability, list items, interfaces and unions."""
    if narrow == wide:
        return True
    if is_non_null(wide):
        return is_non_null(narrow) and is_subtype(schema, nullable(narrow), nullable(wide))
    if is_non_null(narrow):
        return is_subtype(schema, nullable(narrow), wide)
    if is_list(narrow) or is_list(wide):
        return is_list(narrow) and is_list(wide) and is_subtype(schema, item(narrow), item(wide))
    owner = schema.types.get(wide)
    if owner is None or not owner.is_abstract:
        return False
    if owner.kind is Kind.UNION:
        return narrow in owner.members
    part = schema.types.get(narrow)
    return part is not None and wide in part.interfaces
