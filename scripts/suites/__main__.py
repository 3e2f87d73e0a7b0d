"""`./scripts/test [WORD] [PYTEST OPTIONS]`; without a word everything: lint, import contracts, types, tests."""

import sys
from collections.abc import Sequence

from scripts.suites.steps import Outcome, Running, Step, pytest, run, tool
from scripts.suites.table import LONG_FORM, SUITES, Suite, suite_named

LINT = (
    tool("lint", "ruff", "check", "--quiet", "."),
    tool("format", "ruff", "format", "--check", "--quiet", "."),
    tool("import contracts", "lint-imports", "--no-logo"),
)
TYPES = tool("strict types", "mypy", ".")


def main(words: Sequence[str]) -> int:
    """The exit code: 0 only when every step passed."""
    if words and words[0] in ("-h", "--help"):
        print(usage())
        return 0
    if words and words[0] == "lint":
        return _exit_code(_checks())
    if words and not words[0].startswith("-"):
        return _one(words[0], words[1:])
    return _whole(words)


def usage() -> str:
    """The list of words."""
    lines = [
        "./scripts/test [WORD] [PYTEST OPTIONS]",
        "",
        "  (no word)      lint, strict types, import contracts, all tests",
    ]
    lines += [f"  {suite.word:<14} {suite.meaning}" for suite in SUITES]
    lines.append("  lint           lint, strict types and import contracts only")
    return "\n".join(lines)


def _one(word: str, options: Sequence[str]) -> int:
    suite = suite_named(word)
    if suite is None or not suite.present():
        print(f"no suite {word!r} here\n\n{usage()}", file=sys.stderr)
        return 2
    if word != "unit":
        return _exit_code([run(_tests(suite, [*LONG_FORM.get(word, ()), *options]))])
    return _exit_code(_checks(beside=_tests(suite, options)))


def _whole(options: Sequence[str]) -> int:
    first, *others = [suite for suite in SUITES if suite.in_whole and suite.present()]
    outcomes = _checks(beside=_tests(first, options))
    if _exit_code(outcomes) == 0:
        outcomes += _engines_and_computation(others, options)
    return _exit_code(outcomes)


def _engines_and_computation(suites: Sequence[Suite], options: Sequence[str]) -> list[Outcome]:
    """What computes runs on the core that the tests with engines, which mostly wait, leave free."""
    computing = Running(pytest("tests that compute", _folders(suites, engines=False), options))
    try:
        return [run(pytest("tests with engines", _folders(suites, engines=True), options)), computing.finish()]
    except BaseException:
        computing.abandon()
        raise


def _folders(suites: Sequence[Suite], *, engines: bool) -> list[str]:
    return [folder for suite in suites if suite.engines is engines for folder in suite.present()]


def _checks(beside: Step | None = None) -> list[Outcome]:
    """Lint and contracts, which take a second each, then types and, on the other core, the unit tests."""
    outcomes = [Running(step).finish() for step in LINT]
    if _exit_code(outcomes) != 0:
        return outcomes
    types = Running(TYPES)
    try:
        tests = [run(beside)] if beside is not None else []
        return [*outcomes, types.finish(), *tests]
    except BaseException:
        types.abandon()
        raise


def _tests(suite: Suite, options: Sequence[str]) -> Step:
    spread = ["-n", "2"] if suite.parallel else []
    return pytest(f"{suite.word} tests", suite.present(), [*suite.options, *spread, *options])


def _exit_code(outcomes: Sequence[Outcome]) -> int:
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
