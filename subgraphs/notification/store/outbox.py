"""The pending `notification.created` events. Each waits inside its notification and leaves it when it was sent."""
