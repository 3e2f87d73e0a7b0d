"""What leaves this service as events."""
