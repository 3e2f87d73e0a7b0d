"""Adapters of the service ports that deal in keys: password hashing and access tokens."""
