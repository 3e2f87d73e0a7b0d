"""The environment is made by the `uv` that its own lock pins."""

import pytest

from scripts.setup.environment import LOCK, SetupError, pinned

TEXT = """typing-extensions==4.15.0 \\
    --hash=sha256:aa
uv==0.13.9 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via -r dev.in
uvicorn==0.54.0 \\
    --hash=sha256:dd
"""


def test_only_the_lines_of_that_package_are_taken() -> None:
    assert pinned("uv", TEXT) == "uv==0.13.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc"


def test_the_lock_pins_uv_with_hashes() -> None:
    assert "--hash=sha256:" in pinned("uv", LOCK.read_text())


def test_a_lock_without_it_is_an_error() -> None:
    with pytest.raises(SetupError, match=r"uv is not in dev\.txt"):
        pinned("uv", "uvicorn==0.54.0")
