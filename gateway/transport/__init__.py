"""Carries GraphQL requests to subgraphs over HTTP: pooled connections, replicas, breakers, retries, sharing.

Invariant: a mutation is sent at most once and never shared; a query is shared only between callers that no subgraph
can tell apart.
"""
