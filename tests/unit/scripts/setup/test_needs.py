"""What a start asks of the machine depends on what it is going to do."""

import pytest

from scripts.setup.__main__ import needs
from scripts.setup.machine import GO, JAVA, MAVEN, NODE, NPM


def test_unit_tests_need_neither_tools_nor_downloads() -> None:
    assert needs("scripts.suites", ["unit"]) == ([], [])


def test_all_tests_need_every_tool_and_begin_the_downloads() -> None:
    tools, downloads = needs("scripts.suites", [])
    assert tools == [JAVA, MAVEN, GO, NODE, NPM]
    assert len(downloads) == 2


def test_a_development_start_does_not_need_node() -> None:
    tools, _ = needs("scripts.stack", ["--replicas", "2"])
    assert tools == [JAVA, MAVEN, GO]


def test_engines_that_are_replaced_are_not_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_KAFKA_BOOTSTRAP", "kafka:9092")
    monkeypatch.setenv("TASKFLOW_TEMPORAL_ADDRESS", "temporal:7233")
    assert needs("scripts.stack", [])[1] == []
