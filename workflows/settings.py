"""Owns the settings of the worker process."""

from __future__ import annotations

from pydantic import Field

from kit.settings import CommaList, InternalSigningSettings, KafkaSettings, TemporalSettings


class WorkerSettings(TemporalSettings, KafkaSettings, InternalSigningSettings):
    """What the worker needs."""

    auth_grpc: CommaList = Field(description="gRPC of auth, host:port, separated by commas.")
    task_grpc: CommaList = Field(description="gRPC of the task service, host:port, separated by commas.")
