"""What a start asks of the machine depends on what it is going to do and on what is there already."""

from pathlib import Path

import pytest

from scripts.engines.maven import archives
from scripts.setup.__main__ import needs
from scripts.setup.machine import GO, JAVA, MAVEN, NODE, NPM


def test_unit_tests_need_neither_tools_nor_downloads(tmp_path: Path) -> None:
    assert needs("scripts.suites", ["unit"], tmp_path) == ([], [])


def test_all_tests_need_every_tool_and_begin_the_downloads(tmp_path: Path) -> None:
    tools, downloads = needs("scripts.suites", [], tmp_path)
    assert [tool for tool in tools if tool != GO] == [JAVA, MAVEN, NODE, NPM]
    assert len(downloads) == 3


def test_a_development_start_does_not_need_node(tmp_path: Path) -> None:
    tools, _ = needs("scripts.stack", ["--replicas", "2"], tmp_path)
    assert NODE not in tools
    assert MAVEN in tools


def test_what_is_in_the_cache_needs_no_tool_to_get_it(tmp_path: Path) -> None:
    archives("kafka", tmp_path).mkdir()
    tools, _ = needs("scripts.stack", [], tmp_path)
    assert MAVEN not in tools


def test_engines_that_are_replaced_are_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_KAFKA_BOOTSTRAP", "kafka:9092")
    monkeypatch.setenv("TASKFLOW_TEMPORAL_ADDRESS", "temporal:7233")
    assert needs("scripts.stack", [], tmp_path)[1] == []


def test_an_operators_command_needs_nothing_of_the_machine(tmp_path: Path) -> None:
    assert needs("scripts.ops.dlq_command", ["list"], tmp_path) == ([], [])
