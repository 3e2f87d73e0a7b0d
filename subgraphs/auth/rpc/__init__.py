"""The gRPC face for the other services."""
