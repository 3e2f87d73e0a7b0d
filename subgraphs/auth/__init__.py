"""The auth subgraph: who people are, which workspaces they share, and which sessions are alive."""
