"""What one WebSocket knows for all its operations: its handshake, its init payload, how to establish its caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.executor.ports import Caller
from gateway.server.operations import Operations
from gateway.server.ports import Identity


@dataclass(slots=True)
class SocketContext:
    """`connection_params` is filled from `connection_init`."""

    operations: Operations
    identity: Identity
    headers: Mapping[str, str]
    address: str | None
    connection_params: Mapping[str, object] = field(default_factory=dict)

    async def caller(self) -> Caller:
        """Raises DomainError."""
        return await self.identity.of_socket(self.headers, self.connection_params, self.address)
