"""Owns `User`: a person as the viewer may see them, and what a person says of themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Self, TypeVar

import strawberry

from kit.ids import parse_id
from subgraphs.auth import errors
from subgraphs.auth.domain.users import Profile, UserId
from subgraphs.auth.schema.context import Info
from subgraphs.auth.service.users import VisibleUser, seen_by


@strawberry.federation.type(keys=["id"], description="A person with an account.")
class User:
    id: strawberry.ID
    display_name: str = strawberry.field(description="The name that others see.")
    avatar_url: str | None = strawberry.field(description="Where the picture is, if there is one.")
    email: str | None = strawberry.field(description="Shown to oneself and to members of a shared workspace.")
    time_zone: str = strawberry.field(description="The name of an IANA time zone.")
    locale: str | None = strawberry.field(description="The language that mails are written in; shown to oneself.")
    email_verified: bool | None = strawberry.field(
        description="Whether mail to the address has been shown to arrive; shown to oneself."
    )
    created_at: datetime = strawberry.field(description="When the account was made.")

    @classmethod
    def of(cls, visible: VisibleUser) -> Self:
        user = visible.user
        return cls(
            id=strawberry.ID(str(user.id)),
            display_name=user.display_name,
            avatar_url=user.avatar_url,
            email=user.email if visible.shows_email else None,
            time_zone=user.time_zone,
            locale=user.locale if visible.is_viewer else None,
            email_verified=user.email_verified_at is not None if visible.is_viewer else None,
            created_at=user.created_at,
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


T = TypeVar("T")


@strawberry.input(description="Changes what the caller says of themselves; what is absent stays as it is.")
class UserUpdateInput:
    display_name: str | None = strawberry.UNSET
    avatar_url: str | None = strawberry.field(
        default=strawberry.UNSET, description="An absolute https address; null for none."
    )
    time_zone: str | None = strawberry.field(default=strawberry.UNSET, description="The name of an IANA time zone.")
    locale: str | None = strawberry.field(
        default=strawberry.UNSET, description="A language tag such as `en` or `pt-BR`."
    )

    def change(self, profile: Profile) -> Profile:
        """Raises BAD_INPUT."""
        return replace(
            profile,
            display_name=_given("displayName", self.display_name, profile.display_name),
            avatar_url=profile.avatar_url if self.avatar_url is strawberry.UNSET else self.avatar_url,
            time_zone=_given("timeZone", self.time_zone, profile.time_zone),
            locale=_given("locale", self.locale, profile.locale),
        )


def _given(name: str, value: T | None, known: T) -> T:
    """What was sent for a field that cannot be empty, or what is known. Raises BAD_INPUT."""
    if value is strawberry.UNSET:
        return known
    if value is None:
        raise errors.field_invalid(name, "cannot be null")
    return value


@strawberry.type
class UserUpdatePayload:
    user: User


@strawberry.type
class UserQueries:
    @strawberry.field(description="The person logged in; null for nobody.")
    async def me(self, info: Info) -> User | None:
        viewer = info.context.viewer
        return None if viewer is None else await User.load(info, str(viewer))


@strawberry.type
class UserMutations:
    @strawberry.mutation(description="Changes the caller's profile.")
    async def user_update(self, info: Info, input: UserUpdateInput) -> UserUpdatePayload:  # noqa: A002  # the API's name
        user = await info.context.once(info).accounts.update_profile(info.context.user_id(), input.change)
        return UserUpdatePayload(user=User.of(seen_by(user.id, user)))
