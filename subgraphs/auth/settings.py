"""Owns the settings of the auth process."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from kit.settings import InternalTrustSettings, KafkaSettings, MongoSettings, RedisSettings
from subgraphs.auth.crypto.tokens import private_key, public_key


def _unfold(value: object) -> object:
    """A PEM written in one line, with `\\n` between its lines, is as good as one of several lines."""
    return value.replace("\\n", "\n") if isinstance(value, str) else value


def _checked_private(value: str) -> str:
    private_key(value)
    return value


def _checked_public(value: str) -> str:
    for pem in split_pems(value):
        public_key(pem)
    return value


def split_pems(text: str) -> list[str]:
    """The PEM blocks of a text, one after another."""
    end = "-----END PUBLIC KEY-----"
    return [block.strip() + "\n" + end for block in text.split(end) if block.strip()]


class AuthSettings(MongoSettings, RedisSettings, KafkaSettings, InternalTrustSettings):
    """What the auth process needs to know."""

    access_signing_key: Annotated[str, BeforeValidator(_unfold), AfterValidator(_checked_private)] = Field(
        repr=False, description="Private RSA key (PEM, `\\n` may stand for line ends) that signs access tokens."
    )
    access_retired_keys: Annotated[str, BeforeValidator(_unfold), AfterValidator(_checked_public)] = Field(
        "", description="Public RSA keys (PEM) of earlier signing keys whose access tokens are still accepted."
    )
    access_life: timedelta = Field(
        timedelta(minutes=10), gt=timedelta(0), le=timedelta(hours=1), description="Life of an access token."
    )
    session_idle: timedelta = Field(
        timedelta(days=14), gt=timedelta(0), description="A session that is not refreshed for this long ends."
    )
    session_longest: timedelta = Field(
        timedelta(days=90), gt=timedelta(0), description="A session ends after this long, however often refreshed."
    )
    refresh_grace: timedelta = Field(
        timedelta(seconds=10),
        ge=timedelta(0),
        le=timedelta(seconds=60),
        description="For this long a used refresh token gives the same successor again, should the answer be lost.",
    )
    login_failures_account: int = Field(
        50, gt=0, description="Failed logins of an account in 15 minutes, from addresses its owner never used."
    )
    login_failures_pair: int = Field(
        10, gt=0, description="Failed logins of an account from one address in 15 minutes."
    )
    login_failures_address: int = Field(100, gt=0, description="Failed logins from one address in 15 minutes.")
    registrations_address: int = Field(1000, gt=0, description="Registrations from one address in an hour.")
    registrations_taken_address: int = Field(
        100, gt=0, description="Registrations from one address in an hour that met an e-mail address that is taken."
    )
    mails_person: int = Field(
        5, gt=0, description="Mails with a link that are asked for one e-mail address in an hour."
    )
    mails_address: int = Field(
        100, gt=0, description="Mails with a link that are asked for from one address in an hour."
    )
    invitations_person: int = Field(200, gt=0, description="Invitations that one person sends in an hour.")
    argon2_threads: int = Field(2, gt=0, le=64, description="Passwords that are hashed at the same time.")
    argon2_queue: int = Field(64, ge=0, description="Hashes that may wait; more are refused at once.")
