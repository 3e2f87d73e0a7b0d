"""The checks and test suites of `./scripts/test`, each step with the time it took."""
