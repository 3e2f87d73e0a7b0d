"""Owns the shape of a log line: one JSON object with time, level, process, event and the trace it belongs to."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import orjson
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

# Libraries that repeat every reconnection attempt; what matters of it is logged by us, once.
_NOISY = ("aiokafka", "pymongo", "uvicorn.access", "grpc", "opentelemetry", "temporalio")


def logger(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry the part's name."""
    # Bound with its first line, not here: modules ask for theirs before the process has set up its logs.
    lazy: FilteringBoundLogger = structlog.get_logger(part=name)
    return lazy


def setup_logs(process: str, level: str, stream: TextIO | None = None) -> None:
    """Sends our lines and those of libraries to one stream as JSON."""
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(process),
        _with_trace,
    ]
    target = stream or sys.stdout
    structlog.configure(
        processors=[*chain, structlog.processors.format_exc_info, _render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*chain, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel("CRITICAL" if name == "aiokafka" else "ERROR")


def _named(process: str) -> Processor:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def _with_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = format(context.trace_id, "032x")
        event["span_id"] = format(context.span_id, "016x")
    return event


def _render(_: WrappedLogger, __: str, event: EventDict) -> str:
    plain: dict[str, Any] = dict(event)
    return orjson.dumps(plain, default=str).decode()
