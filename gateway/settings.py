"""Settings of the gateway process in the product's form."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from kit.ids import new_id
from kit.settings import CommaList, InternalSigningSettings, RedisSettings


class GatewaySettings(RedisSettings, InternalSigningSettings):
    """What `python -m gateway serve` needs without a supergraph of its own."""

    auth_urls: CommaList = Field(description="GraphQL endpoints of auth, separated by commas.")
    task_urls: CommaList = Field(description="GraphQL endpoints of task, separated by commas.")
    notification_urls: CommaList = Field(description="GraphQL endpoints of notification, separated by commas.")
    auth_grpc: CommaList = Field(description="gRPC addresses of auth, host:port, separated by commas.")
    pod_id: str = Field(
        default_factory=lambda: str(new_id()),
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Name of this process among gateways, for targeted routing; made up when absent.",
    )
    graphiql_dir: Path | None = Field(default=None, description="Folder with the files of the GraphiQL page.")
    introspection: bool = Field(default=True, description="Whether clients may read the schema and get name hints.")
    largest_operation: int = Field(
        default=50_000,
        ge=1000,
        description="How many entries an operation may ask for; nested pages multiply.",
    )
    rate_session_points: int = Field(
        default=6000,
        ge=1,
        description="What one session may ask for in a minute: requests, and calls they make.",
    )
    rate_person_points: int = Field(
        default=12000, ge=1, description="What one person may ask for in a minute, over all sessions."
    )
    rate_address_points: int = Field(
        default=1200, ge=1, description="What callers without a session may ask for in a minute from one address."
    )
    allowed_origins: CommaList = Field(
        default=(), validate_default=False, description="Other sites whose pages may call us, separated by commas."
    )
    schema_poll_seconds: float = Field(
        default=5.0, gt=0, le=300, description="How often the subgraphs are asked whether their schema has changed."
    )
