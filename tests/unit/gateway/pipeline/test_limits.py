"""Documents over a limit are refused, whatever hides their size."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.limits import Limits, check_limits
from gateway.pipeline.parse import choose_operation, parse_document

SMALL = Limits(depth=3, fields=6, aliases=2, root_fields=3, directives=2)


def check(text: str, limits: Limits = SMALL) -> None:
    document = parse(text)
    check_limits(document, choose_operation(document, None), limits)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ a { b { c { d } } } }", "MAX_DEPTH_EXCEEDED"),
        ("{ a { ...F } } fragment F on T { b { c { d } } }", "MAX_DEPTH_EXCEEDED"),
        ("{ a { b c d e f g } }", "MAX_FIELDS_EXCEEDED"),
        ("{ a { ...F ...F } } fragment F on T { b c d }", "MAX_FIELDS_EXCEEDED"),
        ("{ p { x: a y: a z: a } }", "MAX_ALIASES_EXCEEDED"),
        ("{ a b ... { c } ...F } fragment F on Query { d }", "MAX_ROOT_FIELDS_EXCEEDED"),
        ("query @a @a @a { a }", "MAX_DIRECTIVES_EXCEEDED"),
        ("{ a @x @x ... @x { b } }", "MAX_DIRECTIVES_EXCEEDED"),
    ],
)
def test_over_a_limit_is_refused(text: str, code: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check(text)
    assert refused.value.errors[0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "text",
    [
        "{ q {" + " a" * 7000 + "} }",
        "{ q {" + " q { q { a } }" * 1200 + "} }",
        "{" + " q { a a a }" * 90 + "}",
        "{ q {"
        + " ".join(f"...G{i}" for i in range(500))
        + "} }"
        + " ".join(f"fragment G{i} on Q {{ x{i}: a }}" for i in range(500)),
    ],
)
def test_what_validation_would_compare_pair_by_pair_is_bounded(text: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check(text, Limits(aliases=10_000))
    assert refused.value.errors[0]["extensions"]["code"] == "MAX_REPETITIONS_EXCEEDED"


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Query { a ...F }",
        "{ ...F } fragment F on Q { q { ...F } p { ...F } }",
        "{ a } fragment F on Q { ...G } fragment G on Q { q { ...F } }",
    ],
)
def test_a_fragment_within_itself_is_refused(text: str) -> None:
    with pytest.raises(RequestRefused, match="within itself"):
        check(text, Limits())


@pytest.mark.parametrize(
    "text",
    [
        "{ a { b { c } } }",
        "{ a { b c d e f } }",
        "{ ...Missing a }",
        "query { a } fragment Unused on T { a { b } }",
    ],
)
def test_within_the_limits_passes(text: str) -> None:
    check(text)


def test_fragments_that_double_at_each_level_cost_no_more_than_their_text() -> None:
    levels = 200
    text = "{ ...F0 } " + " ".join(
        f"fragment F{i} on Query {{ a {f'...F{i + 1} ...F{i + 1}' if i < levels else ''} }}" for i in range(levels + 1)
    )
    with pytest.raises(RequestRefused):
        check(text, Limits())


@pytest.mark.parametrize(
    ("text", "limits", "code"),
    [
        ("{ a }", Limits(characters=4), "MAX_CHARACTERS_EXCEEDED"),
        ("{ a b c d e f g }", Limits(tokens=5), "GRAPHQL_PARSE_FAILED"),
        ("{", Limits(), "GRAPHQL_PARSE_FAILED"),
        ("{a" * 5000 + "}" * 5000, Limits(), "GRAPHQL_PARSE_FAILED"),
        ('{ a(x: """) }', Limits(), "GRAPHQL_PARSE_FAILED"),
        ("", Limits(), "GRAPHQL_PARSE_FAILED"),
    ],
)
def test_text_that_cannot_be_read_is_refused(text: str, limits: Limits, code: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        parse_document(text, limits)
    assert refused.value.errors[0]["extensions"]["code"] == code
