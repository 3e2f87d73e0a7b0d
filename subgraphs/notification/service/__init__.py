"""What the notification subgraph does: one function per verb, on ports that the outer layers fill."""
