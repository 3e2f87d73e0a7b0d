"""A wrong setting ends the process with one line that names the variable and hides the value."""

from __future__ import annotations

import pytest

from kit.identity import new_seed
from kit.settings import InternalSigningSettings, KafkaSettings, PostgresSettings, Settings, load


class Everything(PostgresSettings, KafkaSettings, InternalSigningSettings):
    pass


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_POSTGRES_URL", "postgresql://app@localhost/task")
    monkeypatch.setenv("TASKFLOW_KAFKA_BOOTSTRAP", "one:9092, two:9092")
    monkeypatch.setenv("TASKFLOW_INTERNAL_SIGNING_KEY", new_seed())
    assert load(Everything).kafka_bootstrap == ("one:9092", "two:9092")


def test_missing_and_wrong_ones_are_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TASKFLOW_KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setenv("TASKFLOW_POSTGRES_URL", "mysql://secret")
    monkeypatch.setenv("TASKFLOW_INTERNAL_SIGNING_KEY", "c2hvcnQ")
    with pytest.raises(SystemExit) as ended:
        load(Everything)
    assert ended.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    for name in ("TASKFLOW_POSTGRES_URL", "TASKFLOW_KAFKA_BOOTSTRAP", "TASKFLOW_INTERNAL_SIGNING_KEY"):
        assert name in line
    assert "secret" not in line


def test_a_failpoint_that_cannot_be_read_is_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASKFLOW_FAILPOINTS", "relay.after_send=explode")
    with pytest.raises(SystemExit):
        load(Settings)
    assert "TASKFLOW_FAILPOINTS" in capsys.readouterr().err


def test_urls_are_not_in_the_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_POSTGRES_URL", "postgresql://app:hidden@localhost/task")
    assert "hidden" not in repr(load(PostgresSettings))
