"""The notification subgraph: who is told what, in the inbox and by mail, each thing exactly once."""
