"""gRPC on both sides: what workers ask of this service, and what it asks of auth."""
