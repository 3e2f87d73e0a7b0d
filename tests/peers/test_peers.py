"""Apollo Gateway and Hive Gateway load the supergraphs that we compose, and answer as they do from Apollo's.

A gateway's own failures are the control: a case counts only if it passes with Apollo's supergraph.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from scripts.benchmarks import peers
from tests.audit.suites import suite, suite_names
from tests.peers.conftest import Lines
from tests.peers.running import composed, run
from tests.peers.subgraphs import serving, serving_public

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def packages() -> Path:
    return peers.provision()


@pytest.fixture
def subgraphs(pytestconfig: pytest.Config) -> Callable[[], AbstractContextManager[str]]:
    """What serves the subgraphs, anew for each run: they remember mutations."""
    checkout: Path | None = pytestconfig.getoption("--dir")
    return serving if checkout is None else lambda: serving_public(checkout.resolve())


@pytest.mark.parametrize("peer", ["apollo", "hive"])
def test_a_peer_answers_from_our_supergraphs_as_from_apollos(
    peer: str, packages: Path, subgraphs: Callable[[], AbstractContextManager[str]], lines: Lines
) -> None:
    with subgraphs() as address:
        control = run(peer, packages, {name: suite(name).supergraph for name in suite_names()}, address)
    with subgraphs() as address:
        ours = run(peer, packages, {name: composed(name) for name in suite_names()}, address)
    passed = [found.total - len(found.cases) for found in (control, ours)]
    lines.append(f"{peer}: {passed[0]}/{control.total} from Apollo's supergraphs, {passed[1]}/{ours.total} from ours")
    lines += [f"  {name}: {'both' if name in control.cases else 'ours alone'}" for name in sorted(ours.cases)]
    lines += [f"  {name}: Apollo's alone" for name in sorted(control.cases) if name not in ours.cases]
    assert {name: said for name, said in ours.cases.items() if name not in control.cases} == {}
