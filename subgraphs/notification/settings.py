"""What this process reads from its environment."""

from __future__ import annotations

from pydantic import Field

from kit.settings import (
    CommaList,
    InternalSigningSettings,
    InternalTrustSettings,
    KafkaSettings,
    MongoSettings,
    SmtpSettings,
)


class NotificationSettings(MongoSettings, KafkaSettings, SmtpSettings, InternalTrustSettings, InternalSigningSettings):
    """Settings of the notification subgraph."""

    auth_grpc: CommaList = Field(description="gRPC of auth, host:port, separated by commas.")
    mail_senders: int = Field(default=2, ge=1, le=32, description="Mails that are sent side by side.")
