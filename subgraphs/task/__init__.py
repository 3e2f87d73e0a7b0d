"""The task subgraph: owns projects, tasks and comments; every change is one commit of state, history and outbox."""
