"""The product's story, played by independent clients: what people do, and what must be seen on their side."""
