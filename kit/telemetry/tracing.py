"""Owns traces: one trace id follows a request through HTTP, the outbox, Kafka and workflows.

Ids exist even when nothing is exported, so that errors and log lines can always be joined; spans are only recorded when
there is somewhere to send them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from opentelemetry.util.types import AttributeValue

_tracer = trace.get_tracer("taskflow")


def setup_tracing(
    process: str, endpoint: str | None, ratio: float = 1.0, processor: SpanProcessor | None = None
) -> TracerProvider:
    """Installs the process's tracer provider. A processor replaces the OTLP exporter (tests)."""
    if processor is None and endpoint:
        # A tenth of a second to import, and most processes of tests and tools send nothing.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        processor = BatchSpanProcessor(OTLPSpanExporter(endpoint.rstrip("/") + "/v1/traces", timeout=5))
    sampler = ParentBased(TraceIdRatioBased(ratio)) if processor else ALWAYS_OFF
    provider = TracerProvider(sampler=sampler, resource=Resource.create({"service.name": process}))
    if processor:
        provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: str | None = None,
    link: str | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Iterator[Span]:
    """A span around a block; `parent` is the traceparent to continue, otherwise the current span is."""
    context = from_traceparent(parent) if parent else None
    links = [Link(trace.get_current_span(from_traceparent(link)).get_span_context())] if link else None
    with _tracer.start_as_current_span(name, context, kind, attributes, links) as current:
        yield current


def traceparent() -> str | None:
    """The current span in W3C form, or None outside of any."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def trace_id() -> str | None:
    """The id under which the current request is found in logs and traces."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def from_traceparent(text: str | None) -> Context:
    """The context that a traceparent stands for; empty when the text is missing or malformed."""
    parts = (text or "").split("-")
    if len(parts) < 4 or (len(parts[0]), len(parts[1]), len(parts[2]), len(parts[3])) != (2, 32, 16, 2):
        return Context()
    try:
        ids = SpanContext(
            int(parts[1], 16), int(parts[2], 16), is_remote=True, trace_flags=TraceFlags(int(parts[3], 16))
        )
    except ValueError:
        return Context()
    return trace.set_span_in_context(NonRecordingSpan(ids), Context()) if ids.is_valid else Context()
