"""Fixtures of all tests come from the test kit."""

pytest_plugins = ["tests.testkit.engines"]
