"""Merging: completed, valid subgraphs become one supergraph schema."""
