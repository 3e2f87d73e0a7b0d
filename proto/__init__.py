"""Contracts between processes: gRPC services, event payloads and error codes. Nothing here does I/O.

The name `proto` is also that of an installed distribution; this file makes ours a regular package, which wins as long
as the checkout stands before site-packages on the path (a test checks whose package is loaded).
"""
