"""gRPC between our services: channels with deadline, breaker and retry; a server that knows its caller."""

from __future__ import annotations

from kit.rpc.client import Channel, ChannelOptions, channel
from kit.rpc.server import RpcServer, current_caller, server

__all__ = ["Channel", "ChannelOptions", "RpcServer", "channel", "current_caller", "server"]
