"""Settings: keys are checked at start, a wrong one stops the process with one line that names it and not its value."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kit.identity import public_of
from kit.settings import load
from subgraphs.auth.crypto.tokens import public_key
from subgraphs.auth.settings import AuthSettings, split_pems
from tests.testkit.auth_face import KEY, SEED

PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
GOOD = {
    "TASKFLOW_MONGO_URL": "mongodb://localhost",
    "TASKFLOW_REDIS_URL": "redis://localhost",
    "TASKFLOW_KAFKA_BOOTSTRAP": "localhost:9092",
    "TASKFLOW_INTERNAL_TRUSTED_KEYS": public_of(SEED),
    "TASKFLOW_ACCESS_SIGNING_KEY": PRIVATE,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_the_defaults_are_the_documented_ones() -> None:
    settings = load(AuthSettings)
    assert settings.access_life.total_seconds() == 600
    assert settings.refresh_grace.total_seconds() == 10


def test_a_key_may_stand_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_ACCESS_SIGNING_KEY", PRIVATE.replace("\n", "\\n"))
    monkeypatch.setenv("TASKFLOW_ACCESS_RETIRED_KEYS", (PUBLIC + PUBLIC).replace("\n", "\\n"))
    settings = load(AuthSettings)
    assert settings.access_signing_key == PRIVATE
    assert [public_key(pem) for pem in split_pems(settings.access_retired_keys)] == [KEY.public_key()] * 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TASKFLOW_ACCESS_SIGNING_KEY", "canary-not-a-key"),
        ("TASKFLOW_ACCESS_SIGNING_KEY", PUBLIC),
        ("TASKFLOW_ACCESS_RETIRED_KEYS", "canary-not-a-key"),
        ("TASKFLOW_REFRESH_GRACE", "PT5M"),
        ("TASKFLOW_ACCESS_LIFE", "PT2H"),
        ("TASKFLOW_ARGON2_THREADS", "0"),
        ("TASKFLOW_MONGO_URL", "postgres://localhost"),
    ],
)
def test_a_wrong_value_ends_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        load(AuthSettings)
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert name in line
    assert line.count("\n") == 1
    assert "canary" not in line
    assert "PRIVATE KEY" not in line
