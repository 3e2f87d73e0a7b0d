"""`python -m gateway plan` shows plans and stages, and says what is wrong with its inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.commands.plan import main
from tests.testkit.synthetic_graphs import hard_supergraph


@pytest.fixture
def supergraph(tmp_path: Path) -> str:
    path = tmp_path / "supergraph.graphql"
    path.write_text(hard_supergraph())
    return str(path)


def query(tmp_path: Path, text: str) -> str:
    path = tmp_path / "query.graphql"
    path.write_text(text)
    return str(path)


def test_it_prints_the_plan(supergraph: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = query(tmp_path, "{ start { id } }")
    assert main(["--supergraph", supergraph, "--query", file]) == 0
    assert capsys.readouterr().out == "Fetch 0 s0\n  query{start{id}}\n"


def test_it_prints_every_stage(supergraph: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = query(tmp_path, "{ start { id scalar0 scalar1 } }")
    assert main(["--supergraph", supergraph, "--query", file, "--stages"]) == 0
    headings = [line for line in capsys.readouterr().out.split("\n") if line.startswith("# ")]
    assert headings == ["# normalised operation", "# chosen ways", "# fetch graph", "# plan", "# projection"]


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("{ nothing }", 1, "Cannot query field 'nothing'"),
        ("query A { start { id } } query B { start { id } }", 1, "OPERATION_RESOLUTION_FAILURE"),
        ("{ start", 2, "Syntax Error"),
    ],
)
def test_it_says_what_is_wrong_with_the_query(
    supergraph: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, status: int, said: str
) -> None:
    assert main(["--supergraph", supergraph, "--query", query(tmp_path, text)]) == status
    assert said in capsys.readouterr().err


def test_it_says_that_a_file_is_no_supergraph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = query(tmp_path, "type Query { a: Int }")
    assert main(["--supergraph", file, "--query", file]) == 2
    assert "not a supergraph" in capsys.readouterr().err
