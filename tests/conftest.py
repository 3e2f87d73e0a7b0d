"""Fixtures of all tests come from the test kit."""

pytest_plugins = ["tests.testkit.options", "tests.testkit.engines", "tests.testkit.product"]
