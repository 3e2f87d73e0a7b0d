"""Socket.IO for clients that do not speak graphql-transport-ws: a person's notifications, pushed as they come."""

from gateway.shims.socketio.endpoint import PREFIX, SocketIoShim

__all__ = ["PREFIX", "SocketIoShim"]
