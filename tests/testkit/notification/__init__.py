"""Fakes of the notification subgraph's ports, and the suites that they and the real adapters pass."""
