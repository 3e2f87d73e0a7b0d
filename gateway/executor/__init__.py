"""Runs query plans: collects representations, calls subgraphs, merges their replies and projects the answer.

Two executors stand side by side: `reference` interprets the plan and is obviously right; `compiled` generates
Python for each plan and must give the same bytes. Nothing here knows how a subgraph is reached.
"""
