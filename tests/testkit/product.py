"""The whole product, two of every process, on engines of its own: one for the session, its traces kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.stack.stack import Options, Stack
from tests.testkit.otlp import OtlpReceiver

# All clients of all tests stand at one address; what an address may ask for is tested by itself.
CROWD = {"TASKFLOW_RATE_ADDRESS_POINTS": "1000000"}


@dataclass(frozen=True, slots=True)
class Product:
    """A running product. `gateways` are the addresses of both gateway processes, `mail` that of the mail page."""

    stack: Stack
    traces: OtlpReceiver

    @property
    def gateways(self) -> list[str]:
        """In the order of their numbers."""
        return [self.stack.url(one.name) for one in self.stack.processes if one.role.name == "gateway"]

    @property
    def mail(self) -> str:
        """Its `/api/messages?to=` lists what arrived."""
        return self.stack.url("mail")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Ready to be used by all; kill and stop what belongs to `private_product` instead."""
    yield from _running(tmp_path_factory.mktemp("product"))


@pytest.fixture(scope="module")
def private_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product for one test module that kills and stops parts of it."""
    yield from _running(tmp_path_factory.mktemp("private-product"))


def _running(folder: Path) -> Iterator[Product]:
    with OtlpReceiver().running() as traces:
        settings = {"TASKFLOW_OTLP_ENDPOINT": traces.url, **CROWD}
        stack = Stack(folder, Options(replicas=2, keep=False, settings=settings), tell=_silent)
        try:
            stack.start()
            stack.wait_until_ready()
            yield Product(stack, traces)
        finally:
            stack.close()


def _silent(_: str) -> None:
    """What a start says is for people."""
