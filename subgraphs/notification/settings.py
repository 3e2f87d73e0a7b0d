"""What this process reads from its environment."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error
from typing import Annotated

from pydantic import AfterValidator, Field

from kit.settings import (
    CommaList,
    InternalSigningSettings,
    InternalTrustSettings,
    KafkaSettings,
    MongoSettings,
    SmtpSettings,
)

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _checked_scalar(text: str) -> str:
    """Raises ValueError when it is no private key of P-256."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        raise ValueError("must be base64url") from None
    if len(raw) != 32 or not 0 < int.from_bytes(raw) < _ORDER:
        raise ValueError("must be a private key of P-256: 32 bytes as base64url")
    return text


class NotificationSettings(MongoSettings, KafkaSettings, SmtpSettings, InternalTrustSettings, InternalSigningSettings):
    """Settings of the notification subgraph."""

    auth_grpc: CommaList = Field(description="gRPC of auth, host:port, separated by commas.")
    mail_senders: int = Field(default=2, ge=1, le=32, description="Mails that are sent side by side.")
    unsubscribe_secret: str | None = Field(
        default=None,
        min_length=32,
        repr=False,
        description="Signs the links that end mails; follows from the signing key when absent, and ends with it.",
    )
    push_senders: int = Field(default=4, ge=1, le=64, description="Pushes that are sent side by side.")
    vapid_private_key: Annotated[str, AfterValidator(_checked_scalar)] | None = Field(
        default=None,
        repr=False,
        description="Key (base64url, 32 bytes, P-256) that signs Web Push for browsers; without it there is none.",
    )
    vapid_contact: str = Field(
        default="mailto:no-reply@taskflow.local",
        pattern=r"^(mailto:|https://)\S+$",
        description="Where push services reach whoever runs this: a mailto: or https: URL.",
    )
    push_allow_private: bool = Field(
        default=False,
        description="Whether push services at private addresses and without TLS are called: for development alone.",
    )
