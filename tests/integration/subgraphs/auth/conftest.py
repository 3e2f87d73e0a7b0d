"""What the tests of the auth service on real engines share."""

from __future__ import annotations

import pytest


@pytest.fixture
def auth_engines(mongo_url: str, redis_url: str, kafka_bootstrap: str) -> dict[str, str]:
    """The engines as settings."""
    return {
        "TASKFLOW_MONGO_URL": mongo_url,
        "TASKFLOW_REDIS_URL": redis_url,
        "TASKFLOW_KAFKA_BOOTSTRAP": kafka_bootstrap,
    }
