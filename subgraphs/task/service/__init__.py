"""Use cases: one function per verb, each one transaction; what they need of the world stands in `ports`."""
