"""Each missing or outdated tool is one line that says how to get it."""

import pytest

from scripts.setup.machine import GO, JAVA, MAVEN, NODE, Version, missing, version_in

PRINTED = {
    "java": 'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment',
    "mvn": "\x1b[1mApache Maven 3.8.7\x1b[m\nMaven home: /usr/share/maven",
    "go": "go version go1.26.8 linux/amd64",
    "node": "v20.20.2",
}


def ask(command: tuple[str, ...]) -> str | None:
    return PRINTED.get(command[0])


@pytest.mark.parametrize(
    ("program", "version"),
    [("java", (17, 0, 15)), ("mvn", (3, 8, 7)), ("go", (1, 26, 8)), ("node", (20, 20, 2))],
)
def test_versions_are_read_as_the_tools_print_them(program: str, version: Version) -> None:
    assert version_in(PRINTED[program]) == version


def test_a_version_of_one_number_is_enough() -> None:
    assert version_in('openjdk version "21" 2023-09-19') == (21,)


def test_a_complete_machine_lacks_nothing() -> None:
    assert missing([JAVA, MAVEN, GO, NODE], {}, ask) == []


def test_each_missing_tool_is_one_line_with_its_remedy() -> None:
    lines = missing([JAVA, MAVEN, GO], {}, lambda command: None)
    assert len(lines) == 3
    assert all(" is missing: " in line and "http" in line and "\n" not in line for line in lines)


def test_an_old_tool_is_named_with_its_version() -> None:
    (line,) = missing([JAVA], {}, lambda command: 'openjdk version "11.0.2"')
    assert line.startswith("Java (JRE) 17 or newer is needed, found 11.0.2: apt-get install openjdk-17")


def test_a_replaced_engine_needs_no_tool() -> None:
    elsewhere = {"TASKFLOW_KAFKA_BOOTSTRAP": "kafka:9092", "TASKFLOW_TEMPORAL_ADDRESS": "temporal:7233"}
    assert missing([JAVA, MAVEN, GO], elsewhere, lambda command: None) == []
