"""Owns what a checkout of the public audit needs before it can run: the libraries of its command line, and Node 22.

A checkout with its dependencies installed is used as it is. Otherwise a copy is made once in the cache, with the
pinned versions of only what the command line imports (it also names peers that weigh hundreds of megabytes).
Invariant: the checkout itself is never written to.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
from pathlib import Path

from scripts.engines.once import fingerprint, make_once, run_tool
from scripts.engines.places import cache_folder
from scripts.engines.progress import say

NEEDS_NPM = "npm is missing: apt-get install npm (it comes with https://nodejs.org)"
NODE = 22  # the audit's command line uses Promise.withResolvers
DEVELOPMENT = ("tsx", "prettier", "graphql")  # the development dependencies that it runs with
SOURCES = ("src", "package.json", "package-lock.json", "tsconfig.json")
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund")


def ready(checkout: Path) -> Path:
    """The checkout, or a copy of it, with its dependencies. Raises EngineError when they cannot be had."""
    if (checkout / "node_modules" / "tsx").exists():
        return checkout
    files = sorted(path for name in SOURCES for path in _files(checkout / name))
    folder = cache_folder() / f"audit-{fingerprint(*files)}"
    return make_once(folder, "the audit's libraries: fetching from npm (once)", lambda to: _fill(checkout, to), say)


def node() -> str:
    """A Node that is new enough: the machine's, or one from npm. Raises EngineError when there is neither."""
    own = shutil.which("node")
    if own is not None and _major(own) >= NODE:
        return own
    package = f"node-{platform.system().lower()}-{_machine()}"
    folder = make_once(cache_folder() / f"node-{NODE}", f"Node {NODE}: fetching from npm (once)", _node_into, say)
    return str(folder / "node_modules" / package / "bin" / "node")


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]


def _fill(checkout: Path, folder: Path) -> None:
    for name in SOURCES:
        source = checkout / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy(source, folder / name)
    package = folder / "package.json"
    content = json.loads(package.read_text())
    wanted = content.get("devDependencies", {})
    content["devDependencies"] = {name: wanted[name] for name in DEVELOPMENT if name in wanted}
    package.write_text(json.dumps(content))
    run_tool(["npm", "install", *_QUIET], cwd=folder, needs=NEEDS_NPM)


def _node_into(folder: Path) -> None:
    (folder / "package.json").write_text("{}")
    package = f"node-{platform.system().lower()}-{_machine()}@{NODE}"
    run_tool(["npm", "install", "--no-save", *_QUIET, package], cwd=folder, needs=NEEDS_NPM)


def _machine() -> str:
    return {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0
