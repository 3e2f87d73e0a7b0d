"""Owns how a payload is written and read: camelCase JSON, times in UTC, unknown fields ignored so that an older
consumer survives a newer producer."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Part(BaseModel):
    """An immutable piece of a payload."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Payload(Part):
    """The data of one topic's events. `TOPIC` is also the event's `ce_type`."""

    TOPIC: ClassVar[str]

    def encode(self) -> bytes:
        return self.model_dump_json(by_alias=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises `pydantic.ValidationError` when the data does not fit the contract."""
        return cls.model_validate_json(data)
