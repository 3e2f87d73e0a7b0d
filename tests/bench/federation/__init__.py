"""The federation gateways benchmark: its data, and subgraphs that answer from them."""
