"""Locks and configuration pin everything by hash and name no registry: any mirror serves them."""

import json
import re
import subprocess

import pytest

from scripts.engines.places import CHECKOUT

HOSTS = re.compile(
    r"pypi\.org|pythonhosted|registry\.npmjs|npmjs\.(org|com)|proxy\.golang|sum\.golang|repo1?\.maven|crates\.io"
    r"|--(extra-)?index-url|--find-links|--trusted-host",
)
CONFIGURATION = (".txt", ".in", ".toml", ".cfg", ".ini", ".json", ".xml", ".mod", ".sum", ".npmrc", ".yaml", ".yml")


def committed(*suffixes: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if name.endswith(suffixes)]


@pytest.mark.parametrize("name", [name for name in committed(*CONFIGURATION) if not name.startswith("tests/")])
def test_no_registry_host_stands_in(name: str) -> None:
    assert HOSTS.findall((CHECKOUT / name).read_text(errors="replace")) == []


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_every_python_package_is_pinned_with_hashes(name: str) -> None:
    lock = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def test_every_npm_package_is_pinned_with_an_integrity_and_without_an_address() -> None:
    lock = json.loads((CHECKOUT / "scripts" / "graphiql" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())
