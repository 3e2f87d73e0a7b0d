"""`python -m gateway compose` and `check`, as processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[4]
A = {"name": "a", "url": "http://a", "sdl": "type Query { a: Int }"}
B = {"name": "b", "url": "http://b", "sdl": "type Query { b: Int }"}
BAD = {"name": "bad", "url": "", "sdl": "type Query {\n  a: Missing }"}


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def test_json_replies_with_the_documented_shape() -> None:
    ran = run("compose", "--json", stdin=json.dumps([A, B]))
    reply = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert set(reply) == {"supergraphSdl", "apiSchemaSdl", "hints", "errors"}
    assert 'B @join__graph(name: "b", url: "http://b")' in reply["supergraphSdl"]
    assert reply["apiSchemaSdl"] == "type Query {\n  a: Int\n  b: Int\n}\n"


def test_json_errors_carry_code_message_subgraphs_and_locations() -> None:
    ran = run("compose", "--json", stdin=json.dumps([A, BAD]))
    (error,) = json.loads(ran.stdout)["errors"]
    assert ran.returncode == 1
    assert (error["code"], error["subgraphs"]) == ("INVALID_GRAPHQL", ["bad"])
    assert error["locations"] == [{"subgraph": "bad", "line": 2, "column": 3}]


def test_lines_answer_each_list_and_survive_bad_ones() -> None:
    lines = [json.dumps([A]), "[{]", "", json.dumps([BAD]), json.dumps({"name": "a"}), json.dumps([B])]
    ran = run("compose", "--json", "--lines", stdin="\n".join(lines) + "\n")
    replies: list[dict[str, Any]] = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0
    assert [bool(reply["errors"]) for reply in replies] == [False, True, True, True, False]


def test_input_that_is_no_list_of_subgraphs_is_one_line(tmp_path: Path) -> None:
    ran = run("compose", "--json", stdin='[{"name": "a"}]')
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "standard input: not a list of {name, url, sdl}: 0.sdl: Field required\n"
    assert run("compose", str(tmp_path / "missing.graphql")).returncode == 2
    assert run("compose", str(tmp_path)).returncode == 2
    assert run("compose").returncode == 2


def test_people_get_errors_with_place_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "bad.graphql").write_text(BAD["sdl"])
    ran = run("compose", str(tmp_path))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines() == [
        "error INVALID_GRAPHQL",
        "  [bad] Unknown type Missing",
        '  at subgraph "bad", line 2, column 3',
        "  remedy: Correct the SDL at the place shown.",
    ]


def test_files_folders_and_lists_name_the_same_subgraphs(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text(A["sdl"])
    (tmp_path / "b.graphql").write_text(B["sdl"])
    (tmp_path / "list.json").write_text(json.dumps([{**A, "url": None}, {**B, "url": None}]))
    from_folder = run("compose", str(tmp_path)).stdout
    assert from_folder == run("compose", str(tmp_path / "a.graphql"), str(tmp_path / "b.graphql")).stdout
    assert from_folder == run("compose", str(tmp_path / "list.json")).stdout
    assert run("compose", "--api", str(tmp_path)).stdout == "type Query {\n  a: Int\n  b: Int\n}\n"


def test_check_tells_whether_a_supergraph_file_is_current(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text(A["sdl"])
    supergraph = tmp_path / "supergraph.txt"
    assert run("compose", str(tmp_path), "--output", str(supergraph)).returncode == 0
    assert run("check", str(tmp_path), "--supergraph", str(supergraph)).stdout == "composes, 0 hints\n"
    (tmp_path / "a.graphql").write_text("type Query { a: Int more: Int }")
    stale = run("check", str(tmp_path), "--supergraph", str(supergraph))
    assert stale.returncode == 1
    assert "+  more: Int" in stale.stderr
    assert run("check", str(tmp_path)).returncode == 0


def test_unknown_command_lists_the_commands() -> None:
    ran = run("composer")
    assert ran.returncode == 2
    assert "compose" in ran.stderr
