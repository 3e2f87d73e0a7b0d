"""The product's story with two of every process, seen by clients that are not ours."""

from __future__ import annotations

import httpx2
import pytest

from scripts.story.plot import Story
from scripts.story.report import Report
from tests.testkit.product import Product


@pytest.mark.timeout(240)
async def test_every_step_is_seen(product: Product) -> None:
    """Ada and Bob are on different gateways. What was seen, and when, is shown when a step fails."""
    report = Report(print)
    async with httpx2.AsyncClient(timeout=15) as http:
        await Story(report, http, product.gateways, product.mail).play()
    assert len(report.steps) == 19
