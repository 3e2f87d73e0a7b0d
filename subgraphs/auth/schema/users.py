"""Owns `User`: a person as the viewer may see them."""

from __future__ import annotations

from typing import Self

import strawberry

from kit.ids import parse_id
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.schema.context import Info
from subgraphs.auth.service.users import VisibleUser


@strawberry.federation.type(keys=["id"], description="A person with an account.")
class User:
    id: strawberry.ID
    display_name: str = strawberry.field(description="The name that others see.")
    avatar_url: str | None = strawberry.field(description="Where the picture is, if there is one.")
    email: str | None = strawberry.field(description="Shown to oneself and to members of a shared workspace.")

    @classmethod
    def of(cls, visible: VisibleUser) -> Self:
        user = visible.user
        return cls(
            id=strawberry.ID(str(user.id)),
            display_name=user.display_name,
            avatar_url=user.avatar_url,
            email=user.email if visible.shows_email else None,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:  # noqa: A002  # the key's name
        return await cls.load(info, id)

    @classmethod
    async def load(cls, info: Info, text: str) -> Self | None:
        """The person with an id, or None: unknown and invisible are one answer."""
        user_id = parse_id(text)
        visible = None if user_id is None else await info.context.users.load(UserId(user_id))
        return None if visible is None else cls.of(visible)
