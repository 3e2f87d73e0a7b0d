"""Owns signing up, logging in, refreshing and logging out, and the list of one's sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from kit.graphql import Connection, connection, encode_cursor, page_request
from subgraphs.auth.domain import sessions as domain
from subgraphs.auth.domain.sessions import Ending, SessionId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.schema.context import Info, known_id
from subgraphs.auth.schema.paging import After, First, position
from subgraphs.auth.schema.users import User
from subgraphs.auth.schema.workspaces import Workspace
from subgraphs.auth.service.sessions import Grant
from subgraphs.auth.service.users import Registration, seen_by


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
        return User.of(seen_by(UserId(self.grant.user_id), user))

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


@strawberry.type(description="A login on one device.")
class Session:
    id: strawberry.ID
    agent: str | None = strawberry.field(description="What the client said that it is (its User-Agent).")
    address: str | None = strawberry.field(description="The network address that it was last refreshed from.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    last_seen_at: datetime = strawberry.field(description="When it was last refreshed.")
    expires_at: datetime = strawberry.field(description="Until when it lives without a refresh.")
    current: bool = strawberry.field(description="Whether this request is made in it.")

    @classmethod
    def of(cls, session: domain.Session, current: domain.SessionId) -> Self:
        return cls(
            id=strawberry.ID(str(session.id)),
            agent=session.agent,
            address=session.address,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            current=session.id == current,
        )


@strawberry.input(description="Ends one session of the caller.")
class SessionRevokeInput:
    session_id: strawberry.ID


@strawberry.type
class SessionRevokePayload:
    session_id: strawberry.ID


_SESSIONS = "sessions"


@strawberry.type
class SessionQueries:
    @strawberry.field(description="Where the caller is logged in, newest first.")
    async def sessions(self, info: Info, first: First = None, after: After = None) -> Connection[Session]:
        page = page_request(first, after)
        current, behind = info.context.session_id(), position(_SESSIONS, page.after)
        sessions, more = await info.context.use.logins.mine(
            info.context.user_id(), first=page.first, after=None if behind is None else SessionId(behind)
        )
        return connection(
            sessions,
            node=lambda session: Session.of(session, current),
            cursor=lambda session: encode_cursor(_SESSIONS, str(session.id)),
            has_more=more,
            after=page.after,
        )


@strawberry.type
class SessionMutations:
    @strawberry.mutation(description="Creates an account, and joins the workspace of an invitation.")
    async def register(self, info: Info, input: RegisterInput) -> RegisterPayload:  # noqa: A002  # the API's name
        context = info.context
        user, workspace = await context.use.accounts.register(input.registration(), context.client.address)
        return RegisterPayload(
            user=User.of(seen_by(user.id, user)), workspace=None if workspace is None else Workspace.of(workspace)
        )

    @strawberry.mutation(description="Opens a session.")
    async def login(self, info: Info, input: LoginInput) -> LoginPayload:  # noqa: A002  # the API's name
        context = info.context
        return LoginPayload.of(await context.use.logins.login(input.email, input.password, context.client))

    @strawberry.mutation(description="Goes on with a session: new tokens for a refresh token.")
    async def refresh(self, info: Info, input: RefreshInput) -> RefreshPayload:  # noqa: A002  # the API's name
        return RefreshPayload.of(await info.context.use.logins.refresh(input.refresh_token, info.context.client))

    @strawberry.mutation(description="Ends sessions at once, everywhere.")
    async def logout(self, info: Info, input: LogoutInput) -> LogoutPayload:  # noqa: A002  # the API's name
        return LogoutPayload(session_ids=ids_of(await _logout(info, input)))

    @strawberry.mutation(description="Ends one of the caller's sessions at once.")
    async def session_revoke(
        self,
        info: Info,
        input: SessionRevokeInput,  # noqa: A002  # the API's name
    ) -> SessionRevokePayload:
        user_id, session_id = info.context.user_id(), SessionId(known_id("session", input.session_id))
        ended = await info.context.use.logins.revoke(user_id, session_id)
        return SessionRevokePayload(session_id=strawberry.ID(str(ended.id)))


async def _logout(info: Info, asked: LogoutInput) -> list[domain.Session]:
    logins = info.context.use.logins
    if asked.everywhere:
        return await logins.logout_everywhere(info.context.user_id())
    if asked.refresh_token is not None:
        return [await logins.logout(asked.refresh_token)]
    return [await logins.end(info.context.session_id(), Ending.LOGOUT)]


def ids_of(sessions: list[domain.Session]) -> list[strawberry.ID]:
    return [strawberry.ID(str(session.id)) for session in sessions]
