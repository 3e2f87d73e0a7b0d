"""Every operation of the composed schema has a policy, and every policy an operation."""

from __future__ import annotations

from graphql import GraphQLObjectType, build_schema

from proto.permissions import Permission
from proto.policies import FIELDS, OPERATIONS
from scripts.engines.places import CHECKOUT


def test_every_root_field_has_a_policy_and_none_is_left_over() -> None:
    schema = build_schema((CHECKOUT / "docs/schema.graphql").read_text())
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    operations = {f"{root.name}.{name}" for root in roots for name in root.fields}
    assert set(OPERATIONS) - operations == set(), "policies of operations that are no more"
    assert operations - set(OPERATIONS) == set(), "operations without an entry in proto/policies.py"


def test_every_field_with_a_policy_of_its_own_is_there() -> None:
    schema = build_schema((CHECKOUT / "docs/schema.graphql").read_text())
    for name in FIELDS:
        type_name, _, field = name.partition(".")
        owner = schema.type_map[type_name]
        assert isinstance(owner, GraphQLObjectType)
        assert field in owner.fields


def test_every_permission_opens_something_or_narrows_what_is_seen() -> None:
    asked = {*OPERATIONS.values(), *FIELDS.values()}
    narrowing = {Permission.PROJECT_PRIVATE}
    of_what_is_to_come = {Permission.SLA_MANAGE, Permission.RECURRENCE_MANAGE}
    assert set(Permission) - asked <= narrowing | of_what_is_to_come
