"""Kafka on both sides: domain events become payloads, payloads become use cases."""
