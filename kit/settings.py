"""Owns how a process reads its settings: from variables `TASKFLOW_*` alone, checked before anything starts.

Each process subclasses `Settings` together with the mixins of the engines it uses. Nothing else reads the environment.
"""

from __future__ import annotations

import sys
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kit import failpoints
from kit.identity import public_key, signing_key

PREFIX = "TASKFLOW_"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _not_empty(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("names nothing")
    return value


def _checked_failpoints(value: str) -> str:
    failpoints.parse(value)
    return value


def _checked_seed(value: str) -> str:
    signing_key(value)
    return value


def _checked_public(value: tuple[str, ...]) -> tuple[str, ...]:
    for key in value:
        public_key(key)
    return value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_not_empty)]
"""Several values separated by commas, at least one."""


class Settings(BaseSettings):
    """What every process has."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    host: str = Field(default="127.0.0.1", description="Address that the process listens on.")
    port: int = Field(default=0, ge=0, le=65535, description="HTTP port; 0 picks a free one.")
    grpc_port: int = Field(default=0, ge=0, le=65535, description="gRPC port; 0 picks a free one.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")
    otlp_endpoint: str | None = Field(
        default=None, description="OTLP/HTTP collector, for example http://localhost:4318."
    )
    trace_ratio: float = Field(default=1.0, ge=0, le=1, description="Share of new traces that are recorded.")
    public_url: str = Field(default="http://127.0.0.1:8000", description="Where people reach us; for links in mails.")
    failpoints: Annotated[str, AfterValidator(_checked_failpoints)] = Field(
        default="", description="Named faults for tests (see kit/failpoints.py)."
    )


class PostgresSettings(Settings):
    postgres_url: str = Field(
        pattern=r"^postgres(ql)?://", repr=False, description="PostgreSQL as the application's role."
    )
    postgres_owner_url: str | None = Field(
        default=None, pattern=r"^postgres(ql)?://", repr=False, description="PostgreSQL as the owner, for migrations."
    )


class MongoSettings(Settings):
    mongo_url: str = Field(pattern=r"^mongodb(\+srv)?://", repr=False, description="MongoDB (a replica set).")


class RedisSettings(Settings):
    redis_url: str = Field(pattern=r"^(redis|rediss|unix)://", repr=False, description="Redis.")


class KafkaSettings(Settings):
    kafka_bootstrap: CommaList = Field(description="Kafka brokers, host:port, separated by commas.")


class TemporalSettings(Settings):
    temporal_address: str = Field(description="Temporal front end, host:port.")
    temporal_namespace: str = Field(default="default", description="Temporal namespace.")


class SmtpSettings(Settings):
    smtp_url: str = Field(pattern=r"^smtps?://", repr=False, description="Mail server, smtp://host:port.")
    mail_from: str = Field(default="TaskFlow <no-reply@taskflow.local>", description="Sender of all mail.")


class InternalTrustSettings(Settings):
    internal_trusted_keys: Annotated[CommaList, AfterValidator(_checked_public)] = Field(
        description="Public keys (base64url Ed25519) whose internal tokens are accepted, separated by commas."
    )


class InternalSigningSettings(Settings):
    internal_signing_key: Annotated[str, AfterValidator(_checked_seed)] = Field(
        repr=False,
        description="Seed (base64url, 32 bytes) of the key that signs this process's internal tokens.",
    )


SettingsT = TypeVar("SettingsT", bound=Settings)


def load(cls: type[SettingsT]) -> SettingsT:
    """Reads the settings; a wrong one ends the process with status 2 and one line that names it."""
    try:
        return cls()
    except ValidationError as error:
        print("settings: " + describe(error), file=sys.stderr)
        raise SystemExit(2) from None


def describe(error: ValidationError) -> str:
    """All complaints in one line, by the names of their variables and without their values."""
    return "; ".join(
        f"{PREFIX}{'_'.join(str(part) for part in item['loc'][:1]).upper()}: {item['msg']}" for item in error.errors()
    )
