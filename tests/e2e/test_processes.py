"""Every process as an operator sees it: probes, metrics, logs, and a drain on SIGTERM."""

from __future__ import annotations

import json
import urllib.request

import pytest

from scripts.stack.processes import ROLES
from tests.testkit.product import Product

PROBES = ("/healthz", "/readyz", "/startupz")


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ROLES)
def test_a_process_answers_its_probes_and_shows_its_metrics(product: Product, role: str) -> None:
    for path in PROBES:
        get(product.stack.url(f"{role}-1", path))
    assert "# TYPE " in get(product.stack.url(f"{role}-1", "/metrics"))


@pytest.mark.timeout(300)
def test_the_gateway_also_answers_the_plain_health_path(product: Product) -> None:
    get(product.stack.url("gateway-1", "/health"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ROLES)
def test_logs_are_json_lines_that_name_their_process(product: Product, role: str) -> None:
    lines = product.stack.supervisor.log(f"{role}-1").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    assert entries
    assert {entry["process"] for entry in entries} == {role}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ROLES)
def test_sigterm_drains_and_ends_the_process_by_itself(private_product: Product, role: str) -> None:
    assert private_product.stack.supervisor.stop(f"{role}-2")
    last = private_product.stack.supervisor.log(f"{role}-2").read_text().splitlines()[-1]
    assert json.loads(last)["event"] == "stopped"
