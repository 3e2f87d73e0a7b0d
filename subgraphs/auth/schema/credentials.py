"""Owns changing and resetting passwords, and proving e-mail addresses."""

from __future__ import annotations

import strawberry

from subgraphs.auth.domain.users import UserId
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.sessions import ids_of
from subgraphs.auth.schema.users import User
from subgraphs.auth.service.users import seen_by


@strawberry.input(description="Gives the caller another password; all other sessions end.")
class PasswordChangeInput:
    current_password: str
    new_password: str = strawberry.field(description="8 to 128 characters, none of the commonly used ones.")


@strawberry.type
class PasswordChangePayload:
    session_ids: list[strawberry.ID] = strawberry.field(description="The sessions that are over now.")


@strawberry.input(description="Asks for a link by mail with which a new password can be chosen.")
class PasswordResetRequestInput:
    email: str


@strawberry.type
class PasswordResetRequestPayload:
    accepted: bool = strawberry.field(description="Always true: whether the address has an account is not told.")


@strawberry.input(description="Chooses a new password with the token of a mail; all sessions end.")
class PasswordResetInput:
    token: str = strawberry.field(description="From the link in the mail. It works once, for an hour.")
    new_password: str = strawberry.field(description="8 to 128 characters, none of the commonly used ones.")


@strawberry.type
class PasswordResetPayload:
    session_ids: list[strawberry.ID] = strawberry.field(description="The sessions that are over now.")


@strawberry.input(description="Proves an e-mail address with the token of a mail.")
class EmailVerifyInput:
    token: str = strawberry.field(description="From the link in the mail. It works once, for seven days.")


@strawberry.type
class EmailVerifyPayload:
    user_id: strawberry.ID = strawberry.field(description="Whose address it is.")


@strawberry.type
class EmailVerificationResendPayload:
    sent: bool = strawberry.field(description="False when the address is proven already.")
    user: User


@strawberry.type
class CredentialMutations:
    @strawberry.mutation(description="Gives the caller another password and ends all other sessions.")
    async def password_change(
        self,
        info: Info,
        input: PasswordChangeInput,  # noqa: A002  # the API's name
    ) -> PasswordChangePayload:
        context = info.context
        ended = await context.use.credentials.change_password(
            context.user_id(), context.session_id(), input.current_password, input.new_password, context.client
        )
        return PasswordChangePayload(session_ids=ids_of(ended))

    @strawberry.mutation(description="Has a link for a new password mailed, if the address has an account.")
    async def password_reset_request(
        self,
        info: Info,
        input: PasswordResetRequestInput,  # noqa: A002  # the API's name
    ) -> PasswordResetRequestPayload:
        await info.context.use.credentials.request_reset(input.email, info.context.client)
        return PasswordResetRequestPayload(accepted=True)

    @strawberry.mutation(description="Chooses a new password with the token of a mail.")
    async def password_reset(
        self,
        info: Info,
        input: PasswordResetInput,  # noqa: A002  # the API's name
    ) -> PasswordResetPayload:
        context = info.context
        ended = await context.use.credentials.reset_password(input.token, input.new_password, context.client)
        return PasswordResetPayload(session_ids=ids_of(ended))

    @strawberry.mutation(description="Proves an e-mail address; nobody need be logged in.")
    async def email_verify(self, info: Info, input: EmailVerifyInput) -> EmailVerifyPayload:  # noqa: A002  # the API's
        user = await info.context.use.credentials.verify_email(input.token)
        return EmailVerifyPayload(user_id=strawberry.ID(str(user.id)))

    @strawberry.mutation(description="Mails the caller another link that proves the address.")
    async def email_verification_resend(self, info: Info) -> EmailVerificationResendPayload:
        context = info.context
        sent = await context.use.credentials.request_verification(context.user_id(), context.client)
        user = await context.use.accounts.profile(context.user_id())
        return EmailVerificationResendPayload(sent=sent, user=User.of(seen_by(UserId(user.id), user)))
