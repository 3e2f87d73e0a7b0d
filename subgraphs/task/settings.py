"""What this process reads from its environment."""

from pydantic import Field

from kit.settings import CommaList, InternalSigningSettings, InternalTrustSettings, KafkaSettings, PostgresSettings


class MigrationSettings(PostgresSettings):
    """What the migrations need."""

    postgres_owner_url: str = Field(
        pattern=r"^postgres(ql)?://", repr=False, description="PostgreSQL as the owner, for migrations."
    )


class TaskSettings(PostgresSettings, KafkaSettings, InternalTrustSettings, InternalSigningSettings):
    """What the task process needs."""

    redis_url: str | None = Field(
        None, pattern=r"^(redis|rediss|unix)://", repr=False, description="Redis; without it no project is cached."
    )
    auth_grpc: CommaList = Field(description="gRPC of auth, host:port, separated by commas.")
    postgres_pool: int = Field(16, ge=2, le=200, description="Most connections to PostgreSQL of one process.")
