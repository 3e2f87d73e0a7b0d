"""The cells of the role × operation matrix: who tries, what the table says, and what an answer says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from graphql import FieldDefinitionNode, ObjectTypeDefinitionNode, parse

from proto.permissions import GRANTABLE, TABLE, Permission, Role
from proto.policies import Audience, Policy


class Who(StrEnum):
    """Somebody who tries an operation."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    JUST_ENOUGH = "a custom role that holds just what is asked for"
    ALL_BUT = "a custom role that holds all but what is asked for"
    STRANGER = "an owner of another workspace"
    NOBODY = "somebody who is not logged in"


class Outcome(StrEnum):
    """How an operation ends."""

    DONE = "done"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    UNAUTHENTICATED = "UNAUTHENTICATED"


BUILT_IN = {Who.OWNER: Role.OWNER, Who.ADMIN: Role.ADMIN, Who.MEMBER: Role.MEMBER, Who.GUEST: Role.GUEST}


def named(who: Who, policy: Policy) -> frozenset[Permission]:
    """What the custom role of somebody is made of."""
    asked = frozenset({policy}) if isinstance(policy, Permission) else frozenset()
    return (asked & GRANTABLE) if who is Who.JUST_ENOUGH else GRANTABLE - asked


def held(who: Who, policy: Policy) -> frozenset[Permission]:
    """What somebody may in the workspace of the matrix."""
    if who in BUILT_IN:
        return TABLE[BUILT_IN[who]]
    if who in (Who.STRANGER, Who.NOBODY):
        return frozenset()
    return TABLE[Role.CUSTOM] | named(who, policy)


def expected(who: Who, policy: Policy) -> Outcome:
    """What the table says."""
    if policy is Audience.PUBLIC:
        return Outcome.DONE
    if who is Who.NOBODY:
        return Outcome.UNAUTHENTICATED
    if isinstance(policy, Audience):
        return Outcome.DONE
    if who is Who.STRANGER:
        return Outcome.NOT_FOUND
    return Outcome.DONE if policy in held(who, policy) else Outcome.FORBIDDEN


def outcome(answer: Mapping[str, Any], *, nothing: Outcome | None = None) -> Outcome:
    """What an answer says; a null where an entity was asked for says `nothing`.

    Raises ValueError for any other error: the operation was not tried as it should have been.
    """
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    if codes:
        (code,) = codes
        return Outcome(code)
    if nothing is not None and None in answer["data"].values():
        return nothing
    return Outcome.DONE


def root_fields(sdl: str) -> list[str]:
    """The operations of a subgraph, such as `Mutation.login`, without those of the federation itself."""
    roots = [
        node
        for node in parse(sdl).definitions
        if isinstance(node, ObjectTypeDefinitionNode) and node.name.value in ("Query", "Mutation", "Subscription")
    ]
    names = [f"{root.name.value}.{_name(field)}" for root in roots for field in root.fields or ()]
    return [name for name in names if "._" not in name]


def _name(field: FieldDefinitionNode) -> str:
    return field.name.value
