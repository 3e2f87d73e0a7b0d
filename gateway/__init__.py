"""A federation gateway: compose, plan, execute and serve supergraphs."""
