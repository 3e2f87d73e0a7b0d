"""Traces have ids without an exporter, survive the traceparent text, and stand in every log line."""

from __future__ import annotations

import io
import json
import logging

import pytest

from kit.telemetry import from_traceparent, logger, setup_logs, setup_tracing, span, trace_id, traceparent


@pytest.fixture(autouse=True, scope="module")
def _tracing() -> None:
    setup_tracing("test", None)


def test_a_span_has_an_id_though_nothing_is_exported() -> None:
    with span("work"):
        assert trace_id() is not None


def test_a_traceparent_continues_the_trace() -> None:
    with span("one"):
        text, one = traceparent(), trace_id()
    assert trace_id() is None
    with span("two", parent=text):
        assert trace_id() == one


@pytest.mark.parametrize("text", [None, "", "00-zz-zz-00", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "a-b"])
def test_a_malformed_traceparent_is_nothing(text: str | None) -> None:
    assert not from_traceparent(text)


def test_log_lines_are_json_with_the_trace_id() -> None:
    stream = io.StringIO()
    before = logging.getLogger().handlers
    try:
        setup_logs("sample", "INFO", stream)
        with span("work"):
            logger("part").info("hello", number=1)
            expected = trace_id()
        logging.getLogger("library").warning("from %s", "outside")
        logger("part").debug("too quiet")
    finally:
        logging.getLogger().handlers = before
    ours, library = (json.loads(line) for line in stream.getvalue().splitlines())
    assert ours["event"] == "hello"
    assert ours["process"] == "sample"
    assert ours["trace_id"] == expected
    assert library["event"] == "from outside"
