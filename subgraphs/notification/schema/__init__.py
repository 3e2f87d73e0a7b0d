"""The subgraph's part of the graph. Every field is about the viewer's own inbox."""
