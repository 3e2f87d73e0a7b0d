"""Fixtures of all tests come from the test kit; random tests give one commit one verdict.

`--hypothesis-profile explore` looks at other examples in each run. No test fails for being slow: a deadline would judge
the machine.
"""

import structlog
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.testkit.options", "tests.testkit.engines", "tests.testkit.product"]

settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("one verdict", settings.get_profile("explore"), derandomize=True)
settings.load_profile("one verdict")

# Drawn with all their variables, the tracebacks that tests provoke took longer than the tests.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
