"""Owns signing up, logging in, refreshing and logging out."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.users import User
from subgraphs.auth.schema.workspaces import Workspace
from subgraphs.auth.service.sessions import Grant
from subgraphs.auth.service.users import Registration, VisibleUser


@strawberry.input(description="Signs someone up.")
class RegisterInput:
    email: str
    password: str = strawberry.field(description="8 to 128 characters, none of the commonly used ones.")
    display_name: str
    locale: str = "en"
    time_zone: str = "UTC"
    invitation_token: str | None = strawberry.field(default=None, description="Joins the workspace at once.")

    def registration(self) -> Registration:
        return Registration(
            email=self.email,
            password=self.password,
            display_name=self.display_name,
            locale=self.locale,
            time_zone=self.time_zone,
            invitation_token=self.invitation_token,
        )


@strawberry.type
class RegisterPayload:
    user: User
    workspace: Workspace | None = strawberry.field(description="The workspace that the invitation led to.")


@strawberry.input(description="Opens a session.")
class LoginInput:
    email: str
    password: str


@strawberry.input(description="Uses a refresh token up for its successor.")
class RefreshInput:
    refresh_token: str


@strawberry.interface(description="What a client needs to act as someone.")
class SessionTokens:
    grant: strawberry.Private[Grant]

    @strawberry.field(description="A JWT for the header `Authorization: Bearer`.")
    def access_token(self) -> str:
        return self.grant.access_token

    @strawberry.field
    def access_token_expires_at(self) -> datetime:
        return self.grant.access_expires_at

    @strawberry.field(description="Works once; keep its successor.")
    def refresh_token(self) -> str:
        return self.grant.refresh_token

    @strawberry.field(description="Until when the session lives without a refresh.")
    def refresh_token_expires_at(self) -> datetime:
        return self.grant.session.expires_at

    @strawberry.field
    def session_id(self) -> strawberry.ID:
        return strawberry.ID(str(self.grant.session.id))

    @strawberry.field(description="Whose session it is.")
    async def user(self, info: Info) -> User:
        user = await info.context.use.accounts.profile(self.grant.user_id)
        return User.of(VisibleUser(user=user, shows_email=True))

    @classmethod
    def of(cls, grant: Grant) -> Self:
        return cls(grant=grant)


@strawberry.type
class LoginPayload(SessionTokens):
    pass


@strawberry.type
class RefreshPayload(SessionTokens):
    pass


@strawberry.input(description="Ends sessions: the one of the caller unless said otherwise.")
class LogoutInput:
    refresh_token: str | None = strawberry.field(
        default=None, description="Ends the session of this token instead, for clients whose access token has expired."
    )
    everywhere: bool = strawberry.field(default=False, description="Ends all sessions of the caller.")


@strawberry.type
class LogoutPayload:
    session_ids: list[strawberry.ID] = strawberry.field(description="The sessions that are over now.")
