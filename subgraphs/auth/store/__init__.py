"""Adapters of the service ports: MongoDB for what lasts, Redis for what is live."""
