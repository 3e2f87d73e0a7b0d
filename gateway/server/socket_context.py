"""What one WebSocket knows for all its operations: its handshake, its init payload, how to establish its caller."""

from __future__ import annotations

import asyncio
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
    _admitted: asyncio.Future[Caller] | None = None

    async def admit(self) -> None:
        """Establishes the caller of the socket once `connection_params` are there. Raises DomainError."""
        caller = await self.caller()
        if not self._admission.done():
            self._admission.set_result(caller)

    async def ended(self) -> str:
        """Returns the reason when the admitted caller may no longer be connected."""
        return await self.identity.ended(await self._admission)

    @property
    def _admission(self) -> asyncio.Future[Caller]:
        if self._admitted is None:
            self._admitted = asyncio.get_running_loop().create_future()
        return self._admitted

    async def caller(self) -> Caller:
        """Raises DomainError."""
        return await self.identity.of_socket(self.headers, self.connection_params, self.address)
